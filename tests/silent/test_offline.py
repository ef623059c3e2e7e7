"""Offline means that nobody is asked, by whichever command and from Python: a model that is not there is one line."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import House

MODEL = "somebody/some-model"


@pytest.fixture
def asked(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a model hub is asked for that has nothing; the processes that tests start take it for the real one."""
    paths: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HOME", str(house.folder / "hub"))
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    yield paths
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_hub_is_asked_where_that_is_allowed(house: House, asked: list[str]) -> None:
    """Otherwise the other tests would show nothing."""
    export = ["data", "export", house.card, house.folder / "out", "--vectors"]
    assert house.apart(*export, "--set", "data.core=1", "--set", f"encoder.name={MODEL}").code == 2
    assert [path for path in asked if MODEL in path]


@pytest.mark.parametrize("command", ["run", "export"])
def test_no_command_asks(command: str, house: House, asked: list[str]) -> None:
    options = ["--offline", "--set", "data.core=1", "--set", f"encoder.name={MODEL}"]
    commands = {
        "run": ["run", "--method", "alpharec", "--dataset", house.card, "--tracking-uri", "none", *options],
        "export": ["data", "export", house.card, house.folder / "out", "--vectors", *options],
    }
    said = house.apart(*commands[command])
    assert said.code == 2
    assert said.err.startswith(f"error: encoder '{MODEL}'")
    assert said.err.count("\n") == 1
    assert asked == []
    assert not (house.folder / "out").exists()


def test_python_does_not_ask_either(house: House, asked: list[str]) -> None:
    said = house.script(Path(__file__).with_name("run_offline.py"), house.card, MODEL)
    assert said.code == 2
    assert said.err.startswith(f"error: encoder '{MODEL}'")
    assert asked == []
