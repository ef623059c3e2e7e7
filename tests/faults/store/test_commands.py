"""``harness run`` and ``harness sync`` as processes, with a server that goes away under them."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri

SILENCE_SECONDS = 10.0
SMALL = {
    "dataset": "long-tail",
    "dataset_options.n_users": 150,
    "dataset_options.n_items": 120,
    "dataset_options.n_groups": 5,
    "encoder.name": "random",
    "evaluation.origins": "false",
}
FAR = 100_000
"""Epochs of a run that does not end by itself."""
STUDY = """
summary = "two methods"
methods = ["alpharec", "joint"]
baseline = "alpharec"

[base]
dataset = "long-tail"
"dataset_options.n_users" = 150
"dataset_options.n_items" = 120
"dataset_options.n_groups" = 5
"encoder.name" = "random"
"evaluation.origins" = false
"training.max_epochs" = 20

[budgets.default]
seeds = [0, 1]
"""


class Command:
    """A command of the harness's: its lines as they come, and the longest time without one once the first has come."""

    def __init__(self, *arguments: str, home: Path, uri: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "HARNESS_HOME"}
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-u", "-c", "import sys; from harness.cli.app import main; sys.exit(main())"),
                *(*arguments, "--home", str(home)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=kept | {"MLFLOW_TRACKING_URI": uri, "OMP_NUM_THREADS": "1"},
        )
        self.lines: list[str] = []
        self.silence = 0.0
        self.after_silence = ""

    def until(self, shape: str) -> "Command":
        """Read up to the line that has ``shape``."""
        assert any(re.search(shape, line) for line in self._read()), self.text
        return self

    def end(self) -> int:
        """Read to the end; the exit code."""
        for _ in self._read():
            pass
        return self._process.wait(60)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.send_signal(signal.SIGKILL)
        self.end()

    @property
    def text(self) -> str:
        """All lines."""
        return "".join(self.lines)

    def _read(self) -> Iterator[str]:
        assert self._process.stdout is not None
        began = time.monotonic()
        while line := self._process.stdout.readline():
            now = time.monotonic()
            if self.lines and now - began > self.silence:
                self.silence, self.after_silence = now - began, line.strip()
            began = now
            self.lines.append(line)
            yield line


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def experiment(request: pytest.FixtureRequest) -> str:
    return request.node.name


@pytest.fixture
def store(server: Any, experiment: str) -> Callable[[], MlflowTracker]:
    """What has reached the server, read past the proxy and past all journals."""
    return lambda: MlflowTracker(resolve_uri(f"http://127.0.0.1:{server.port}"), experiment)


def run(home: Path, uri: str, experiment: str, *more: str, epochs: int = 6) -> Command:
    chosen = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    spec = [
        "--method",
        "alpharec",
        *chosen,
        "--set",
        f"training.max_epochs={epochs}",
        "--set",
        f"training.patience={epochs}",
    ]
    return Command("run", *spec, "--plain", "--offline", "--experiment", experiment, *more, home=home, uri=uri)


def sync(home: Path, uri: str) -> Command:
    return Command("sync", home=home, uri=uri)


@pytest.mark.parametrize(
    "fault", [500, pytest.param(401, marks=pytest.mark.faults), pytest.param("drop", marks=pytest.mark.faults)]
)
def test_a_run_whose_server_goes_away_for_good_is_trained_and_recorded_later(
    proxy: Any, home: Path, experiment: str, store: Callable[[], MlflowTracker], fault: Any
) -> None:
    command = run(home, proxy.address, experiment).until("epoch +2")
    proxy.fault = lambda method, path: fault
    assert command.end() == 3, command.text
    assert command.silence < SILENCE_SECONDS
    assert "harness sync --home" in command.lines[-1]
    assert "nothing is lost" in command.lines[-1]
    assert "does not answer" in command.text
    again = sync(home, proxy.address)
    assert again.end() == 2, "the store has to answer first"
    proxy.fault = lambda method, path: None
    for sent in (1, 0):
        again = sync(home, proxy.address)
        assert again.end() == 0, again.text
        assert f"{sent} journal" in again.text
    (recorded,) = store().with_tags({"method": "alpharec"})
    assert recorded.status == "FINISHED"
    assert [step for step, _ in store().histories(recorded.id, ["train/loss"])["train/loss"]] == [1, 2, 3, 4, 5, 6]
    assert store().artifact(recorded.id, "spec.json")
    shown = f"{command.text}{again.text}"
    assert "s3cret" not in shown
    found = run(home, proxy.address, experiment)
    assert found.end() == 0
    assert f"finished before as run {recorded.id}" in found.text
    assert not list((home / "journals").glob("*/[0-9]*")), "what has been sent is not kept"


@pytest.mark.faults
def test_a_sync_that_is_killed_in_the_middle_and_repeated_sends_everything_once(
    proxy: Any, home: Path, experiment: str, store: Callable[[], MlflowTracker]
) -> None:
    command = run(home, proxy.address, experiment).until("epoch +1")
    proxy.fault = lambda method, path: 500
    assert command.end() == 3
    for requests in (3, 5, 7, 9):
        reached = threading.Event()
        count = iter(range(requests))

        def let_some_through(method: str, path: str, count: Any = count, reached: Any = reached) -> Any:
            if next(count, None) is not None:
                return None
            reached.set()
            return "lose"

        proxy.fault = let_some_through
        cut = sync(home, proxy.address)
        assert reached.wait(60)
        cut.kill()
    proxy.fault = lambda method, path: None
    assert sync(home, proxy.address).end() == 0
    (recorded,) = store().with_tags({"method": "alpharec"})
    assert recorded.status == "FINISHED"
    assert [step for step, _ in store().histories(recorded.id, ["train/loss"])["train/loss"]] == [1, 2, 3, 4, 5, 6]
    assert len(store().with_tags({"mlflow.source.name": "harness"})) == 1


@pytest.mark.faults
def test_a_killed_run_is_recorded_as_killed(
    proxy: Any, home: Path, experiment: str, store: Callable[[], MlflowTracker]
) -> None:
    command = run(home, proxy.address, experiment, epochs=FAR).until("epoch +2")
    proxy.fault = lambda method, path: 500
    command.until("epoch +6")
    command.kill()
    proxy.fault = lambda method, path: None
    assert sync(home, proxy.address).end() == 0
    (recorded,) = store().with_tags({"method": "alpharec"})
    assert recorded.status == "KILLED"
    assert len(store().histories(recorded.id, ["train/loss"])["train/loss"]) >= 5


@pytest.mark.faults
def test_an_interrupted_run_says_what_to_type_and_does_not_wait_long(
    proxy: Any, home: Path, experiment: str, store: Callable[[], MlflowTracker]
) -> None:
    command = run(home, proxy.address, experiment, epochs=FAR).until("epoch +2")
    proxy.fault = lambda method, path: 401
    command.until("does not answer")
    command.interrupt()
    assert command.end() == 130
    assert command.silence < SILENCE_SECONDS
    assert "harness sync" in command.text
    proxy.fault = lambda method, path: None
    assert sync(home, proxy.address).end() == 0
    (recorded,) = store().with_tags({"method": "alpharec"})
    assert recorded.status == "KILLED"


@pytest.mark.faults
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("lines", [0, 1, 3])
def test_a_study_goes_on_while_the_server_is_away(
    server: Any,
    proxy: Any,
    home: Path,
    experiment: str,
    store: Callable[[], MlflowTracker],
    tmp_path: Path,
    jobs: int,
    lines: int,
) -> None:
    file = tmp_path / "small.toml"
    file.write_text(STUDY)
    options = ["--plain", "--offline", "--experiment", experiment, "--jobs", str(jobs), "--threads", "1"]
    command = Command("run", "--study", str(file), *options, home=home, uri=proxy.address)
    command.until(f"^{lines}/4: " if lines else "warning|prepar|licen|:")
    server.stop()
    assert command.end() == 3, command.text
    assert command.silence < SILENCE_SECONDS, command.after_silence
    server.start()
    assert sync(home, proxy.address).end() == 0
    (parent,) = store().with_tags({"study": "small"})
    assert parent.status == "FINISHED"
    children = store().children(parent.id)
    assert [child.status for child in children] == ["FINISHED"] * 4
    assert len({child.tags["spec"] for child in children}) == 4
    assert store().artifact(parent.id, "records/runs.parquet")
    again = Command("run", "--study", str(file), *options, home=home, uri=proxy.address)
    assert again.end() == 0, again.text
    assert again.text.count("(finished before)") == 4
    assert len(store().children(parent.id)) == 4
