"""Two that are asked for one run at the same time: one trains it, the other waits and finds it."""

import threading
from pathlib import Path

import pytest

from harness.base import paths
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.on_record import RunResult
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker


class Reporting(Observer):
    """Lets a second run begin as soon as the first one trains, and the first one end as soon as the second waits."""

    def __init__(self, trains: threading.Event, waits: threading.Event) -> None:
        self.trains, self.waits = trains, waits
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)
        if "waiting for it" in line:
            self.waits.set()

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        self.trains.set()
        assert self.waits.wait(60)


@pytest.mark.parametrize("force", [False, True])
def test_the_second_waits_and_does_not_train(tmp_path: Path, force: bool) -> None:
    paths.choose_home(tmp_path)
    spec = build_spec(
        {
            "method": "mf",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 60, "n_items": 50, "n_groups": 3},
            "training": {"max_epochs": 2},
        }
    )
    watching = Reporting(threading.Event(), threading.Event())
    context, results = Context(MemoryTracker(), watching), list[RunResult]()

    def ask() -> None:
        results.append(run(spec, context, force=force))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    assert watching.trains.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join(60)
    assert [result.reused for result in results] == [False, not force]
    assert (results[0].id == results[1].id) is not force
