"""Commands that are killed at random moments, and what their stores hold in the end."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.track import Tracker, open_tracker

CODE = "import sys; from harness.cli.app import main; sys.exit(main())"
SMALL = {
    "dataset": "long-tail",
    "dataset_options.n_users": 200,
    "dataset_options.n_items": 150,
    "dataset_options.n_groups": 5,
    "encoder.name": "random",
    "evaluation.origins": False,
    "training.max_epochs": 12,
    "training.patience": 12,
}
STUDY = """
summary = "two methods, tuned"
methods = ["alpharec", "joint"]
selections = ["best_ndcg", "fair_within:0.2"]
baseline = "alpharec"

[base]
{base}

[variants.alpharec]
method = "alpharec"
selections = ["best_ndcg"]

[budgets.default]
seeds = [0]
trials = 2
"""
PATIENCE_SECONDS = 240
CLOCK = ("seconds", "memory")

Values = dict[tuple[str, str], dict[str, list[tuple[int, float]]]]


@dataclass(frozen=True)
class Command:
    """A command line with a home of its own, which is empty at first.

    Attributes:
        home: its home
        arguments: of ``harness run``
    """

    home: Path
    arguments: tuple[str, ...]

    def start(self) -> "subprocess.Popen[str]":
        """It and all its children, in a group of processes of their own."""
        kept = {key: value for key, value in os.environ.items() if key not in ("HARNESS_HOME", "MLFLOW_TRACKING_URI")}
        where = ["--home", str(self.home), "--offline", "--plain", "--threads", "1", "--checkpoint-every", "0.02"]
        return subprocess.Popen(
            [sys.executable, "-P", "-u", "-c", CODE, "run", *self.arguments, *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=kept,
            start_new_session=True,
        )

    def finish(self) -> str:
        """Run it to its end; what it said."""
        process = self.start()
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, said
        return said

    def seconds(self) -> float:
        """Run it to its end; how long that took."""
        began = time.monotonic()
        self.finish()
        return time.monotonic() - began

    def send_after(self, seconds: float, *numbers: signal.Signals, whole_group: bool = False) -> tuple[int | None, str]:
        """Start it and send it signals, 20 ms apart; its exit code (None: it had ended well) and what it said."""
        process = self.start()
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            for number in numbers:
                os.killpg(process.pid, number) if whole_group else process.send_signal(number)
                time.sleep(0.02)
            said, _ = process.communicate(timeout=60)
            return process.returncode or None, said
        assert process.returncode == 0, said
        return None, said

    @property
    def tracker(self) -> Tracker:
        """Where it records."""
        return open_tracker(f"sqlite:///{self.home / 'mlflow/mlflow.db'}")

    def values(self) -> Values:
        """Every value of every metric of its finished runs, but of clocks; each run must be there once."""
        tracker, found = self.tracker, Values()
        for run in tracker.all_finished({}):
            if "spec" not in run.tags:
                continue  # a study's own
            asked = run.tags["spec"], run.tags["evaluated"]
            assert asked not in found, f"{asked} has been run twice"
            keys = [key for key in run.metrics if not any(word in key for word in CLOCK)]
            found[asked] = tracker.histories(run.id, keys)
        return found

    def check_like(self, undisturbed: Values) -> None:
        """Everything is there, once, to the bit; nothing is left open or lying about."""
        assert self.values() == undisturbed
        assert self.tracker.unended({}) == []
        assert sorted(path.name for path in (self.home / "checkpoints").iterdir()) == []


@pytest.fixture(scope="session")
def run_command(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Command]:
    """``run_command(method, **spec)``: one run."""

    def _make(method: str, **spec: Any) -> Command:
        keys = [f"{key}={str(value).lower()}" for key, value in {**SMALL, **spec}.items()]
        sets = [word for key in keys for word in ("--set", key)]
        return Command(tmp_path_factory.mktemp(method), ("--method", method, *sets))

    return _make


@pytest.fixture(scope="session")
def study_command(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Command]:
    """``study_command(jobs)``: a small tuned study."""

    def _make(jobs: int) -> Command:
        folder = tmp_path_factory.mktemp("study")
        lines = (f'"{key}" = {_toml(value)}' for key, value in {**SMALL, "training.max_epochs": 8}.items())
        (folder / "killed.toml").write_text(STUDY.replace("{base}", "\n".join(lines)))
        return Command(folder / "home", ("--study", str(folder / "killed.toml"), "--jobs", str(jobs)))

    return _make


@pytest.fixture
def moments() -> random.Random:
    """The same ones in every session."""
    return random.Random(20)


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def kills(make: Callable[[], Command], seconds: float, times: int, moments: random.Random) -> Iterator[Command]:
    """Commands that have been killed, alone or with all their children, so many times together before they ended.

    One that has come to its end between two kills is handed out, and another one begins: kills hit work in progress.
    """
    command, done = make(), 0
    while done < times:
        together, began = moments.random() < 0.5, time.monotonic()
        code, said = command.send_after(moments.uniform(0.2, 1.0) * seconds, signal.SIGKILL, whole_group=together)
        if code is None:
            seconds = min(seconds, time.monotonic() - began)  # the machine may have been busier before
            yield command
            command = make()
            continue
        assert code == -signal.SIGKILL, said
        done += 1
    yield command


@pytest.fixture
def kill() -> Callable[[Callable[[], Command], float, int, random.Random], Iterator[Command]]:
    """``kill(make, seconds, times, moments)``: see :func:`kills`."""
    return kills
