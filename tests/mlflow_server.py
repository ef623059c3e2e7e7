"""MLflow's own server in a process, for tests and benchmarks."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 300


class MlflowServer:
    """A server on a free port, on a database that stays from one start to the next.

    Args:
        folder: holds artifacts and the log
        database: the address of one that has MLflow's tables
    """

    def __init__(self, folder: Path, database: str) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.database = database

    def start(self) -> None:
        """Start it, unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        variables = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "mlflow", "server", "--backend-store-uri", self.database),
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
                with urllib.request.urlopen(f"{self.address}/health", timeout=2):
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
