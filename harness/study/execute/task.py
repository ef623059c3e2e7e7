"""A run to be carried out, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from harness.runs.on_record import RunResult
from harness.spec.run_spec import RunSpec
from harness.study.pruning import Curve


@dataclass(frozen=True, eq=False)
class Task:
    """One run to be carried out.

    Attributes:
        spec: the run
        name: for people
        touch_test: False for runs that only select
        rivals: validation NDCG by epoch of finished trials, behind which this one must not fall; empty: it may
        note: whatever the caller wants to find beside the outcome
    """

    spec: RunSpec
    name: str
    touch_test: bool = True
    rivals: tuple[Curve, ...] = ()
    note: Any = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a result, or why there is none."""

    task: Task
    result: RunResult | None = None
    failure: str = ""

    def line(self, labels: Mapping[str, str]) -> str:
        """The metrics that have a label, by key, or why there are none."""
        if self.result is None:
            return f"failed: {self.failure}"
        metrics = self.result.metrics
        return "  ".join(f"{label} {metrics.get(key, nan):.4f}" for key, label in labels.items())
