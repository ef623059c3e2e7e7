"""``harness ui`` on a real store: it answers over HTTP, and stops with everything that it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "import sys; from harness.cli.app import main; sys.exit(main())"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    values = os.environ | {"HARNESS_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    values.pop("MLFLOW_TRACKING_URI", None)
    return values


def soon(ended: Callable[[], bool]) -> bool:
    """Whether that is so within seconds."""
    for _ in range(100):
        if ended():
            return True
        time.sleep(0.1)
    return False


def silent(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def nothing_is_left(url: str, home: Path) -> bool:
    """Neither the server nor anything else that was started with this home."""
    return soon(lambda: silent(int(url.rpartition(":")[2]))) and soon(lambda: not running_in(home))


def running_in(home: Path) -> list[str]:
    """Commands of processes whose environment names the home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            own = f"HARNESS_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0")
            ended = (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            command = (process / "cmdline").read_text()
        except OSError:  # somebody else's, or gone meanwhile
            continue
        if own and not ended:
            found.append(command)
    return found


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize(
    "stop",
    [
        signal.SIGINT,
        *(pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)),
    ],
)
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
            assert started.wait(30) == (-stop if stop == signal.SIGKILL else 0)
        finally:
            started.terminate()  # after a failure: it then ends its server too
    assert nothing_is_left(url, tmp_path / "home")
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


def asked(url: str, host: str, origin: str = "") -> int:
    """The status of a request that changes something, to a server under a name, from a page of another."""
    headers = {"Host": host, "Content-Type": "application/json"} | ({"Origin": origin} if origin else {})
    request = urllib.request.Request(f"{url}/api/2.0/mlflow/experiments/search", b'{"max_results": 1}', headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_others_are_let_in_by_the_names_that_are_told_and_it_is_said(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with subprocess.Popen(
        [*PROGRAM, "ui", "--port", "0", "--host", "0.0.0.0", "--allowed-hosts", "lab.example"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            url = next(match[0] for line in started.stdout if (match := re.search(r"http://\S+:\d+", line)))
            port = url.rpartition(":")[2]
            said = started.stdout.readline()
            assert said.startswith(f"warning: everybody who reaches port {port} of this machine, as lab.example, can ")
            assert asked(url, f"lab.example:{port}", f"http://lab.example:{port}") == 200
            assert asked(url, f"localhost:{port}", f"http://localhost:{port}") == 200
            assert asked(url, f"evil.example:{port}") == 403
            assert asked(url, f"lab.example:{port}", "http://evil.example") == 403
        finally:
            started.kill()
    assert nothing_is_left(url, tmp_path / "home"), "it has outlived the command, which could not stop it"
