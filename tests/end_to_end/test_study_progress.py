"""A study counts its runs: those that others are measured by as well, and none twice."""

from pathlib import Path
from typing import Any

import pytest

from harness.publish.run_study import run_study
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.study.study_spec import load_study
from harness.track.memory import MemoryTracker

SHOP: dict[str, Any] = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8},
    "encoder": {"name": "random"},
    "config": {"negatives": 16},
    "training": {"max_epochs": 1},
    "compute": {"threads": 1},
}


class Counting(Observer):
    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def study(self, done: int, total: int, seconds_left: float | None) -> None:
        self.told.append((done, total))


def test_the_last_run_is_the_last_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    counting = Counting()
    context = Context(MemoryTracker(), observer=counting)
    made = run_study("sensitivity", load_study("sensitivity"), SHOP, context, budget="smoke", trials=2)
    done, total = counting.told[-1]
    references = 1
    assert done == total == len(made.records.runs) + references
    assert list(dict.fromkeys(number for number, _ in counting.told)) == list(range(total + 1))
