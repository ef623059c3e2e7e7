"""A real study against its simulation: methods that sleep, so that other work on the machine does not count.

Two searches of eight trials and six runs after them, in one process or two of their own, with Optuna's and MLflow's
databases in SQLite: everything is as in a study that trains.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.coordinator_pace import measured_pace
from benchmarks.simulation import SimulatedStudy
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.study.execute.own_machine import own_machine
from harness.study.execute.task import Task
from harness.study.grid import compare
from harness.study.plan import GridPlan, plan_grid
from harness.study.runner import Runner
from harness.study.study_spec import GridSpec, declared_study
from harness.track import open_tracker

PLUGIN = Path(__file__).with_name("sleepers.py")
STUDY = {
    "summary": "methods that sleep",
    "methods": ["slow", "quick"],
    "budgets": {"default": {"seeds": [0, 1, 2], "trials": 8}},
}
TREE = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 200, "n_items": 100, "n_groups": 4, "dim": 8},
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
}


def checked(workers: int) -> tuple[float, float]:
    """Seconds of the real study, and of the simulated one, on so many workers."""
    with registry.afresh():
        registry.add_file(PLUGIN)
        plan = _plan()
        with tempfile.TemporaryDirectory() as folder:
            seconds = _really(plan, workers, Path(folder))
        return seconds, _simulated(plan, workers)


def _plan() -> GridPlan:
    study = declared_study(STUDY, "sleepers")
    assert isinstance(study, GridSpec)
    return plan_grid("sleepers", study, TREE, "default")


def _really(plan: GridPlan, workers: int, folder: Path) -> float:
    tracker = open_tracker(f"sqlite:///{folder}/runs.db")
    context = Context(tracker, storage=f"sqlite:///{folder}/trials.db", checkpoint_every=0)
    parent = tracker.start("sleepers", {}, {}).id
    began = time.perf_counter()
    with own_machine(context, parent, jobs=workers) as executor:
        records = compare(plan, Runner(context, parent, executor))
        seconds = time.perf_counter() - began
    assert all(record.finished for record in records.runs)
    return seconds


def _simulated(plan: GridPlan, workers: int) -> float:
    given = measured_pace()
    asleep: Mapping[str, float] = {arm.method: registry.get("method", arm.method).seconds for arm in plan.arms}

    def seconds(task: Task, before: Task | None) -> float:
        return asleep[task.spec.method] + given.trivial + (0.0 if before else given.first)

    return SimulatedStudy(plan).on(workers, seconds, given.pace).seconds
