"""A real ``mlflow server``, and a proxy before it that can be told to fail."""

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.track.mlflow_store import open_client
from harness.track.uri import resolve_uri

START_SECONDS = 300


def _proxy_module() -> Any:
    spec = importlib.util.spec_from_file_location("faults_proxy", Path(__file__).with_name("proxy.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Server:
    """MLflow's own server in a process, on a database that stays from one start to the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.database = f"sqlite:///{folder / 'mlflow.db'}"
        open_client(resolve_uri(self.database))

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        variables = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "mlflow", "server", "--backend-store-uri", self.database),
                *("--artifacts-destination", str(self._folder / "artifacts"), "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
            ],
            env=os.environ | variables,
            cwd=self._folder,
            stdout=(self._folder / "server.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.2)
        raise AssertionError((self._folder / "server.log").read_text()[-2000:])

    def stop(self) -> None:
        """End it at once, as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def the_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(the_server: Server) -> Server:
    """It runs when the test begins."""
    the_server.start()
    return the_server


@pytest.fixture
def proxy(server: Server) -> Iterator[Any]:
    """Passes everything on until it is told otherwise."""
    found = _proxy_module().Proxy(server.port)
    try:
        yield found
    finally:
        found.close()
