"""Servers that studies keep their runs and trials in, and Dask's parts: each a process of this machine."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

USER, PASSWORD = "tester", "p@ss:w/rd%?"
START_SECONDS = 300
Missing = Callable[[str], NoReturn]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on this machine."""

    port: int
    password: str = PASSWORD

    def address(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str, database: str = "postgres") -> Any:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def fresh(self, database: str) -> str:
        """The address of a new, empty database."""
        self.ask(f'CREATE DATABASE "{database}"')
        return self.address(database)


@pytest.fixture(scope="session")
def server(missing: Missing) -> Iterator[Server]:
    """A server on a free port, in a temporary folder, of another user where this one is root (it refuses to be)."""
    if importlib.util.find_spec("psycopg") is None:
        missing("the extra 'postgresql' is not installed")
    initdb, postgres = (_program(name, missing) for name in ("initdb", "postgres"))
    account = _account(missing)
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        for path in (folder, folder / "password"):
            shutil.chown(path, *account.values()) if account else None
        how = ["--username", USER, "--auth", "scram-sha-256", "--pwfile", str(folder / "password"), "--no-sync"]
        made = subprocess.run(
            [initdb, "-D", str(folder / "data"), "--encoding", "UTF8", "--no-locale", *how],
            **account,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            missing(f"no PostgreSQL server can be made here: {made.stderr.strip()}")
        port = free_port()
        listening = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [postgres, "-D", str(folder / "data"), *listening], **account, cwd=folder, stderr=log
            )
        try:
            _until_up(Server(port), process, folder / "log")
            yield Server(port)
        finally:
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients that keep a connection
            process.wait()


def _program(name: str, missing: Missing) -> str:
    """A program of the server, which Debian keeps outside PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    if found is None:
        missing(f"there is no PostgreSQL server here: no {name}")
    return str(Path(found).resolve())


def _account(missing: Missing) -> dict[str, Any]:
    """Whom the server runs as."""
    import pwd

    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        missing("a PostgreSQL server does not run as root, and there is no user postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _until_up(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.ask("SELECT 1")
            return
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.fixture(scope="session")
def runs_store(server: Server) -> str:
    """A database for runs; its tables take seconds to make, so that tests share it, with an experiment each."""
    return server.fresh("runs")


@pytest.fixture(scope="session")
def tracking_server(
    runs_store: str, mlflow_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """MLflow's server on that database; it passes files of runs on."""
    found = mlflow_server(tmp_path_factory.mktemp("mlflow"), runs_store)
    found.start()
    return found


@dataclass
class DaskCluster:
    """A scheduler and workers, each with a home folder of its own that nobody else looks into.

    Attributes:
        address: the scheduler's
        homes: of the workers
    """

    address: str
    homes: list[Path]

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
    """A scheduler and two workers, as ``deploy/compose.yaml`` starts them, but without containers."""
    address = f"tcp://127.0.0.1:{free_port()}"
    homes = [tmp_path / f"worker {n}" for n in range(2)]
    started = [_dask("scheduler", ["--host", "127.0.0.1", "--port", address.rpartition(":")[2]], tmp_path)]
    try:
        for home in homes:
            home.mkdir()
            how = ["--nthreads", "1", "--memory-limit", "0", "--local-directory", str(home / "dask")]
            started.append(_dask("worker", [address, *how], home, HARNESS_HOME=str(home)))
        yield DaskCluster(address, homes)
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _dask(part: str, options: list[str], folder: Path, **variables: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-P", "-m", f"distributed.cli.dask_{part}", *options, "--no-dashboard"]
    with (folder / f"{part}.log").open("wb") as log:
        kept = {name: os.environ[name] for name in os.environ.keys() - {"HARNESS_HOME", "MLFLOW_TRACKING_URI"}}
        environment = kept | {"PYTHONSAFEPATH": "1"} | variables
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
