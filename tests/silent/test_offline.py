"""Offline means that nobody is asked, by whichever command and from Python: a model that is not there is one line."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import House

MODEL = "somebody/some-model"
ASKING = f"""
import torch
from huggingface_hub import snapshot_download

from harness.plugins import EpochReport, Grouping, Membership, Method


def ask():
    try:
        snapshot_download("{MODEL}")
    except Exception:
        print("asked in vain")


class Asking(Grouping):
    name = "asking"
    summary = "asks the hub itself"

    def assign(self, source):
        ask()
        return Membership.from_labels(self.name, self.side, [[str(i % 2)] for i in range(source.items.height)])


class Curious(Method):
    name = "curious"
    summary = "asks the hub itself"
    reference = "none"
    needs_text = False
    iterative = False

    def prepare(self, problem):
        ask()
        self.scores = torch.zeros(problem.training.n_items)

    def train_epoch(self):
        return EpochReport(loss=0.0)

    def score(self, users):
        ask()
        return self.scores.expand(len(users), -1)

    def state(self):
        return {{}}

    def restore(self, state):
        pass
"""


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


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_plug_ins_that_ask_by_themselves_do_not_get_through(jobs: int, house: House, asked: list[str]) -> None:
    """In a run, and in studies of one process and of two; the same plug-ins get through where that is allowed."""
    plugin, study = house.folder / "asking.py", house.folder / "both.toml"
    plugin.write_text(ASKING)
    study.write_text('summary = "s"\nmethods = ["curious", "most_popular"]\n\n[budgets.default]\nseeds = [0]\n')
    command = [*house.quick(group="asking", groups='["asking"]'), "--plugin", plugin]
    command += ["--study", study, "--jobs", jobs] if jobs else ["--method", "curious"]
    said = house.apart(*command)
    assert said.code == 0, said.err
    assert asked == []
    assert house.apart(*(part for part in command if part != "--offline"), "--seed", 1).code == 0
    assert asked


@pytest.mark.parametrize("fairness", ["genre", "asking"])
def test_scoring_again_does_not_ask(fairness: str, house: House, asked: list[str]) -> None:
    plugin = house.folder / "asking.py"
    plugin.write_text(ASKING)
    assert house.apart(*house.quick(), "--method", "most_popular").code == 0
    evaluate = ["evaluate", house.last(method="most_popular").id, "--fairness", fairness, "--plugin", plugin]
    assert house.apart(*evaluate, "--tracking-uri", house.store, "--offline").code == 0
    assert asked == []
