"""Methods over seeds: one run each, found again, one table; a failure does not stop the others."""

from pathlib import Path
from typing import Any

import pytest

from harness.console import Observer
from harness.errors import BadInput, HarnessError
from harness.study.grid import run_grid
from harness.study.spec import GridSpec
from harness.track.memory import MemoryTracker

GRID = GridSpec(summary="", methods=("random", "most_popular"), budgets={"default": {"seeds": [0, 1]}})


class Lines(Observer):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def grid(tracker: MemoryTracker, folder: Path, tree: dict[str, Any] | None = None, study: GridSpec = GRID) -> Any:
    lines = Lines()
    return run_grid("test", study, tree or {}, tracker=tracker, observer=lines, data_folder=folder), lines.lines


def test_every_method_with_every_seed_in_one_table(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    result, lines = grid(tracker, movielens_folder)
    children = [run for run in tracker.runs.values() if run.parent == result.id]
    assert sorted((run.tags["method"], run.tags["seed"]) for run in children) == [
        ("most_popular", "0"), ("most_popular", "1"), ("random", "0"), ("random", "1"),
    ]  # fmt: skip
    ndcg = {cell.method: cell for cell in result.cells if cell.heading == "NDCG@20"}
    values = [run.metrics["test/ndcg_at_20"] for run in children if run.tags["method"] == "most_popular"]
    assert ndcg["most_popular"].mean == pytest.approx(sum(values) / 2)
    assert ndcg["most_popular"].deviation == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert ndcg["most_popular"].mean > 3 * ndcg["random"].mean
    table = [line.split()[0] for line in lines if line.startswith(("method", "random", "most_popular"))]
    assert table == ["method", "most_popular", "random"], "the best first"
    assert {"table.md", "table.csv"} <= tracker.runs[result.id].artifacts.keys()


def test_finished_runs_are_found_and_more_seeds_add_only_those(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    grid(tracker, movielens_folder, {"method": "most_popular", "seed": 0})
    result, lines = grid(tracker, movielens_folder, {"method": "most_popular"})
    assert sum("(finished before)" in line for line in lines) == 1
    assert len([run for run in tracker.runs.values() if run.parent == result.id]) == 1


def test_nothing_but_failures_is_a_failure(movielens_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.methods.random import Random

    def broken(self: Random, problem: object) -> None:
        raise HarnessError("no dice")

    monkeypatch.setattr(Random, "prepare", broken)
    tracker = MemoryTracker()
    with pytest.raises(HarnessError, match="all 2 runs failed"):
        grid(tracker, movielens_folder, {"method": "random"})
    parent = next(run for run in tracker.runs.values() if run.parent is None)
    assert parent.status == "FAILED"


def test_a_failure_is_recorded_and_does_not_stop_the_others(
    movielens_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.methods.random import Random

    def broken(self: Random, problem: object) -> None:
        raise HarnessError("no dice")

    monkeypatch.setattr(Random, "prepare", broken)
    tracker = MemoryTracker()
    result, lines = grid(tracker, movielens_folder)
    assert result.failed == {"random seed 0": "no dice", "random seed 1": "no dice"}
    assert {cell.method for cell in result.cells} == {"most_popular"}
    assert tracker.runs[result.id].tags["failed.random seed 0"] == "no dice"
    assert "failed: random seed 1: no dice" in lines


def test_a_wrong_spec_is_found_before_the_first_run(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    with pytest.raises(BadInput, match=r"unknown key 'evaluation\.kz': did you mean 'ks'"):
        grid(tracker, movielens_folder, {"evaluation": {"kz": [5]}})
    with pytest.raises(BadInput, match="unknown method in study 'test' 'ease'"):
        grid(tracker, movielens_folder, {"method": "ease"})
    assert not tracker.runs
