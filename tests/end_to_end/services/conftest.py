"""The processes of ``deploy/compose.yaml`` on this machine: by its commands, without its containers."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
import yaml

from harness.track.mlflow_store import open_client
from harness.track.uri import resolve_uri
from tests.mlflow_server import MlflowServer
from tests.postgresql_server import NoServer, PostgresqlServer, postgresql_server

COMPOSE = Path(__file__).resolve().parents[3] / "deploy/compose.yaml"


@pytest.fixture(scope="session")
def server(missing: Callable[[str], NoReturn]) -> Iterator[PostgresqlServer]:
    try:
        with postgresql_server() as found:
            yield found
    except NoServer as error:
        missing(str(error))


@pytest.fixture(scope="session")
def runs_store(server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database for runs; its tables take seconds to make, so that tests share it, with an experiment each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        address = server.fresh("runs")
        open_client(resolve_uri(address))
    return address


@pytest.fixture(scope="session")
def tracking_server(runs_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """MLflow's server on that database; it passes files of runs on."""
    found = MlflowServer(tmp_path_factory.mktemp("mlflow"), runs_store)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@dataclass
class DaskCluster:
    """A scheduler and workers, each with a home folder of its own that nobody else looks into.

    Attributes:
        address: the scheduler's
        homes: of the workers
    """

    address: str
    homes: list[Path]
    started: "list[subprocess.Popen[bytes]]"

    def add_worker(self, home: Path, **variables: str) -> None:
        """One more, when it has registered."""
        home.mkdir()
        self.homes.append(home)
        here = {"tcp://scheduler:8786": self.address, "/tmp/dask": str(home / "dask")}
        self.started.append(_started("worker", here, home, HARNESS_HOME=str(home), **variables))

    def stop_scheduler(self) -> None:
        """At once."""
        self.started[0].kill()
        self.started[0].wait()

    @property
    def workers(self) -> list[int]:
        """Ids of the workers' processes; there is one more per worker, which begins another when it ends."""
        return sorted(pid for pid in map(_number, Path("/proc").iterdir()) if pid and self._is_worker(pid))

    def _is_worker(self, pid: int) -> bool:
        try:
            own = Path(f"/proc/{pid}/environ").read_bytes()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        ours = {f"HARNESS_HOME={home}".encode() for home in self.homes}
        return b"spawn_main" in command and bool(ours & set(own.split(b"\0")))


def _number(path: Path) -> int:
    return int(path.name) if path.name.isdigit() else 0


@pytest.fixture
def dask_cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    """A scheduler and two workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    here = {"0.0.0.0": "127.0.0.1", "8786": port, ":8787": "127.0.0.1:0"}
    cluster = DaskCluster(f"tcp://127.0.0.1:{port}", [], [_started("scheduler", here, tmp_path)])
    try:
        for number in range(2):
            cluster.add_worker(tmp_path / f"worker {number}")
        yield cluster
    finally:
        for process in cluster.started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _started(service: str, here: dict[str, str], folder: Path, **variables: str) -> "subprocess.Popen[bytes]":
    """A service of the compose file, with what is another's here."""
    declared = yaml.safe_load(COMPOSE.read_text())["services"][service]
    program, *options = declared["command"]
    assert here.keys() <= set(options)
    command = [sys.executable, "-P", "-m", program, *(here.get(option, option) for option in options)]
    kept = {name: os.environ[name] for name in os.environ.keys() - {"HARNESS_HOME", "MLFLOW_TRACKING_URI"}}
    environment = kept | {"PYTHONSAFEPATH": "1"} | declared.get("environment", {}) | variables
    with (folder / f"{service}.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
