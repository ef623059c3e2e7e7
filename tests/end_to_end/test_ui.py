"""``harness ui`` on a real store: it answers over HTTP, and stops with everything that it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "import sys; from harness.cli.app import main; sys.exit(main())"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    values = os.environ | {"HARNESS_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    values.pop("MLFLOW_TRACKING_URI", None)
    return values


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize("stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ui_answers_and_stops(stop: int, environment: dict[str, str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "ui", "--port", "0"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's "&" ignores it
    ) as started:
        try:
            assert started.stdout is not None
            url = next(match[0] for line in started.stdout if (match := re.search(r"http://\S+:\d+", line)))
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert b"MLflow" in answer.read()
            started.send_signal(stop)
            assert started.wait(30) == 0
        finally:
            started.terminate()  # after a failure: it then ends its server too
    time.sleep(0.2)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_port_in_use_is_one_line(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*PROGRAM, "ui", "--port", str(port)], env=environment, capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: cannot listen on 127.0.0.1:{port}: Address already in use; try --port")
    assert done.stderr.count("\n") == 1
