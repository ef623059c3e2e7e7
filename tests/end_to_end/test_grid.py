"""Methods over seeds: one run each, found again, one table; a failure does not stop the others."""

from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import BadInput, HarnessError
from harness.plugins.registry import Registry
from harness.publish.run_study import run_study
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.study.records import Record
from harness.study.study_spec import GridBudget, GridSpec, Tuning
from harness.track.memory import MemoryTracker
from harness.track.null import NullTracker

GRID = GridSpec(summary="", methods=("random", "most_popular"), budgets={"default": {"seeds": [0, 1]}})
DICE = """
from harness.base.errors import HarnessError
from harness.methods.random import Random


class Dice(Random):
    name = "dice"

    def prepare(self, problem):
        raise HarnessError("no dice")
"""


class Lines(Observer):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def grid(
    tracker: MemoryTracker,
    folder: Path | None,
    tree: dict[str, Any] | None = None,
    study: GridSpec = GRID,
    **options: Any,
) -> Any:
    lines = Lines()
    found = run_study("test", study, tree or {}, Context(tracker, lines, folder), **options)
    return found, lines.lines


def test_every_method_with_every_seed_in_one_table(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    result, lines = grid(tracker, movielens_folder)
    children = [run for run in tracker.runs.values() if run.parent == result.id]
    assert sorted((run.tags["method"], run.tags["seed"]) for run in children) == [
        ("most_popular", "0"), ("most_popular", "1"), ("random", "0"), ("random", "1"),
    ]  # fmt: skip
    measured = {(run.tags["method"], run.tags["seed"]): run.metrics["test/ndcg_at_20"] for run in children}
    assert {(record.method, str(record.seed)): record.metrics["test/ndcg_at_20"] for record in result.records.runs} == (
        measured
    )
    assert measured["most_popular", "0"] > 3 * measured["random", "0"]
    table = [line.split()[0] for line in lines if line.startswith(("random ", "most_popular "))]
    assert sorted(table) == ["most_popular", "random"]
    assert {"report/report.html", "records/metrics.parquet"} <= tracker.runs[result.id].artifacts.keys()


def test_finished_runs_are_found_and_more_seeds_add_only_those(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    first, _ = grid(tracker, movielens_folder, seeds=1)
    second, lines = grid(tracker, movielens_folder, seeds=2)
    assert second.id == first.id, "a study goes on in the run that it has"
    assert sum("(finished before)" in line for line in lines) == 2
    assert len([run for run in tracker.runs.values() if run.parent == first.id]) == 4


def test_methods_start_from_what_the_reference_was_tuned_to() -> None:
    declared = GridSpec(
        summary="",
        methods=("reweight", "alpharec"),
        selections=("best_ndcg", "fair_within:0.5"),
        tuning=Tuning(from_reference=True),
        base={"dataset": "long-tail", "dataset_options.n_users": 60, "dataset_options.n_items": 60},
        budgets={"default": GridBudget(seeds=(0,), trials=3, set={"training.max_epochs": 2})},
    )
    result, _ = grid(MemoryTracker(), None, study=declared)
    by_method: dict[str, list[Record]] = {"alpharec": [], "reweight": []}
    for trial in result.records.stage("trial"):
        by_method[trial.variant].append(trial)
    assert [trial.number for trials in by_method.values() for trial in trials] == [0, 1, 2] * 2
    (chosen,) = {
        tuple(sorted(run.params.items()))
        for run in result.records.stage("compare")
        if (run.variant, run.rule) == ("alpharec", "best_ndcg")
    }
    shared = dict(chosen)
    assert set(shared) == {"config.learning_rate", "config.temperature"}
    second = by_method["reweight"][1].params
    assert {key: second[key] for key in shared} == shared
    assert set(by_method["reweight"][0].params) == set(second)


@pytest.fixture
def dice(tmp_path: Path, fresh_registry: Registry) -> str:
    """A method that cannot be prepared."""
    (tmp_path / "dice.py").write_text(DICE)
    fresh_registry.add_file(tmp_path / "dice.py")
    return "dice"


def test_nothing_but_failures_is_a_failure(movielens_folder: Path, dice: str) -> None:
    tracker = MemoryTracker()
    with pytest.raises(HarnessError, match="all 2 runs failed"):
        grid(tracker, movielens_folder, study=GRID.model_copy(update={"methods": (dice,)}))
    parent = next(run for run in tracker.runs.values() if run.parent is None)
    assert parent.status == "FAILED"


def test_a_failure_is_recorded_and_does_not_stop_the_others(movielens_folder: Path, dice: str) -> None:
    tracker = MemoryTracker()
    result, lines = grid(tracker, movielens_folder, study=GRID.model_copy(update={"methods": (dice, "most_popular")}))
    failed = {(record.variant, record.seed): record.failure for record in result.records.runs if record.failure}
    assert failed == {("dice", 0): "no dice", ("dice", 1): "no dice"}
    assert {record.variant for record in result.records.runs if record.finished} == {"most_popular"}
    assert tracker.runs[result.id].metrics["study/failed"] == 2
    assert "no result: dice, best_ndcg, seeds 0, 1: no dice" in lines


def test_a_study_needs_a_store_that_keeps_what_it_records(movielens_folder: Path) -> None:
    with pytest.raises(BadInput, match="choose a store that keeps it"):
        run_study("test", GRID, {}, Context(tracker=NullTracker(), data_folder=movielens_folder))


def test_a_wrong_spec_is_found_before_the_first_run(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    with pytest.raises(BadInput, match=r"unknown key 'evaluation\.kz': did you mean 'ks'"):
        grid(tracker, movielens_folder, {"evaluation": {"kz": [5]}})
    with pytest.raises(BadInput, match="unknown method in study 'test' 'ease'"):
        grid(tracker, movielens_folder, {"method": "ease"})
    assert not tracker.runs
