"""What runs of the study ``main`` cost: processor seconds of one thread, so that neighbours count less.

``HARNESS_TEST_DATA=… python -m benchmarks.run_costs`` measures and writes ``results/run_costs.csv``, which
:mod:`benchmarks.scaling` reads. On MovieLens-100K each method is trained to its end, as its first trial would; on
MovieLens-1M, where that takes hours, a few epochs. Records go to a new SQLite store.
"""

import csv
import statistics
import tempfile
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, cast

from benchmarks.start import CARD
from harness.base.trees import merged
from harness.runs.carry_out import carry_out
from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.runs.experiment import prepare
from harness.runs.observer import Observer
from harness.spec.build import build_spec
from harness.spec.options import ComputeOptions
from harness.spec.selection import BEST_NDCG
from harness.study.plan import GridPlan, PlannedArm, plan_grid
from harness.study.study_spec import GridSpec, load_study
from harness.track import Tracker, open_tracker

FILE = Path(__file__).parent / "results" / "run_costs.csv"
SMALL, LARGE = "movielens-100k", "movielens-1m"
FEW = 2
"""Epochs on MovieLens-1M: the first, which is dearer, and one that counts."""
ARITHMETIC = ComputeOptions(device="cpu", threads=1)


class RunCost(NamedTuple):
    """Processor seconds of one method's runs.

    Attributes:
        epochs: trained; fewer than a run would have on MovieLens-1M
        epoch: of training and validating one
        around: of a trial, beside its epochs: identity, start, what the first epoch has more, records, end
        test: of measuring a run on test data and keeping its artifacts
        prepare: of preparing data that the process does not hold, from what is cached on disk
    """

    epochs: float
    epoch: float
    around: float
    test: float
    prepare: float


def whole_main() -> GridPlan:
    """``main`` at its budget ``full``."""
    return plan_grid("main", main_study(), {}, "full")


def main_study() -> GridSpec:
    """The study."""
    return cast(GridSpec, load_study("main"))


def costs() -> dict[tuple[str, str], RunCost]:
    """Those measured, by data set and method."""
    with FILE.open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {(data, label): RunCost(*map(float, values)) for data, label, *values in rows}


class Marks(Observer):
    """Processor seconds at which epochs ended, and at which test data were taken up."""

    def __init__(self) -> None:
        self.epochs: list[float] = []
        self.test = 0.0

    def stage(self, title: str) -> None:
        if title == "test":
            self.test = time.process_time()

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        self.epochs.append(time.process_time())


def measured(arm: PlannedArm, data: Mapping[str, Any], tracker: Tracker, most_epochs: int | None) -> RunCost:
    """One method's first trial, and then its test."""
    own = {"seed": main_study().tuning.seed, "compute": ARITHMETIC.model_dump(mode="json")}
    training = {"selection": BEST_NDCG} | ({"max_epochs": most_epochs} if most_epochs else {})
    spec = build_spec(merged(merged(arm.tree, data), {**own, "training": training}))
    context, began = Context(tracker, marks := Marks(), checkpoint_every=0), time.process_time()
    prepared = prepare(spec, context)
    begins = time.process_time()
    carry_out(spec, context, experiment=prepared)
    end, ends = time.process_time(), marks.epochs
    epoch = statistics.median(after - before for before, after in pairwise(ends))
    around = max(0.0, marks.test - begins - epoch * len(ends))
    return RunCost(len(ends), epoch, around, end - marks.test, begins - began)


def main() -> None:
    """Measure all methods, and write every line as soon as it is there."""
    set_up(ARITHMETIC)
    arms = {arm.variant: arm for arm in whole_main().searches}
    measurable = {SMALL: ({"dataset": SMALL}, None), LARGE: ({"dataset": str(CARD)}, FEW)}
    known = costs() if FILE.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        tracker = open_tracker(f"sqlite:///{folder}/runs.db")
        for name, (data, most_epochs) in measurable.items():
            measured(next(iter(arms.values())), data, tracker, FEW)  # imports, and what is cached on disk
            for label, arm in arms.items():
                known[name, label] = measured(arm, data, tracker, most_epochs)
                print(name, label, known[name, label], flush=True)
                _write(known)


def _write(known: Mapping[tuple[str, str], RunCost]) -> None:
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["data", "method", *RunCost._fields])
        rows.writerows([*key, *(f"{value:.3f}" for value in cost)] for key, cost in known.items())


if __name__ == "__main__":
    main()
