"""What a comparison measured, arranged by arm: a variant under a selection rule at a point, with one run per seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from harness.stats.interval import MeanInterval, mean_interval
from harness.study.points import written
from harness.study.records import Record

PROBLEM = ("dataset", "dataset_options", "data", "group", "groups", "groupings", "evaluation")
"""First parts of the keys that change what is measured, and not only who is."""
NDCG, CV, MIN = "ndcg", "{group}/cv", "{group}/min25"


@dataclass(frozen=True, eq=False)
class Arm:
    """Runs that differ in their seed alone.

    Attributes:
        variant: what tables call the method
        method: its registered name
        rule: the selection rule
        point: what the study varies, by dotted key
        runs: the finished run of each seed
    """

    variant: str
    method: str
    rule: str
    point: Mapping[str, Any]
    runs: dict[int, Record] = field(default_factory=dict)

    @property
    def problem(self) -> dict[str, Any]:
        """Of the point, what changes the task; results are compared only where it agrees."""
        return {key: value for key, value in self.point.items() if key.partition(".")[0] in PROBLEM}

    @property
    def knobs(self) -> dict[str, Any]:
        """Of the point, what changes the method."""
        return {key: value for key, value in self.point.items() if key.partition(".")[0] not in PROBLEM}

    @property
    def first(self) -> Record:
        """The run of its first seed."""
        return next(iter(self.runs.values()))

    def values(self, metric: str, split: str = "test") -> dict[int, float]:
        """By seed, the values of ``metric`` that are numbers."""
        found = {seed: measured(run, metric, split) for seed, run in self.runs.items()}
        return {seed: value for seed, value in found.items() if isfinite(value)}

    def mean(self, metric: str) -> MeanInterval | None:
        """Over seeds, on test data; None where no seed has a value."""
        values = self.values(metric)
        return mean_interval(list(values.values())) if values else None


def arms_of(records: Iterable[Record], *, all_measured: bool = False) -> list[Arm]:
    """Finished comparison runs by arm, in the order in which they first appear.

    Args:
        all_measured: take in the runs of which no epoch met their rule, and which kept the most accurate one instead
    """
    arms: dict[tuple[str, str, str], Arm] = {}
    for record in records:
        if record.finished and record.stage == "compare" and (all_measured or record.qualifies):
            key = (record.variant, record.rule, repr(sorted(record.point.items())))
            arm = arms.setdefault(key, Arm(record.variant, record.method, record.rule, record.point))
            arm.runs[record.seed] = record
    return list(arms.values())


def measured(record: Record, metric: str, split: str = "test") -> float:
    """``metric`` at the run's headline cut-off, ``{group}`` being the grouping it trained on; NaN where it has none."""
    return record.metrics.get(str(record.view.metric(metric, split)), float("nan"))


def heading(arms: Sequence[Arm], metric: str) -> str:
    """What axes and tables call a metric: ``NDCG@20``, ``CV@20 of genre``."""
    return arms[0].first.view.metric(metric).label


def by_problem(arms: Sequence[Arm]) -> dict[str, list[Arm]]:
    """Arms that can be compared, by what tells the problems apart in words: empty where there is one."""
    parts: dict[str, list[Arm]] = {}
    for arm in arms:
        parts.setdefault(written(arm.problem), []).append(arm)
    return {"": arms if isinstance(arms, list) else list(arms)} if len(parts) == 1 else parts


def names(arms: Sequence[Arm]) -> list[str]:
    """What tells arms of one problem apart: the variant, then knobs and the rule where a variant has several."""
    rules: dict[str, set[str]] = {}
    for arm in arms:
        rules.setdefault(arm.variant, set()).add(arm.rule)
    return [
        ", ".join(part for part in (arm.variant, written(arm.knobs), arm.rule * (len(rules[arm.variant]) > 1)) if part)
        for arm in arms
    ]


def counterpart(arms: Sequence[Arm], variant: str, arm: Arm) -> Arm | None:
    """The arm of ``variant`` that ``arm`` is compared with, at the same problem; None where there is none.

    It is the one at the same point under the same rule. A variant that does not vary as ``arm`` does (a baseline
    without a knob, or under one rule of its own) has one arm only, and that one is it.
    """
    found = [other for other in arms if other.variant == variant and other.problem == arm.problem]
    found = [other for other in found if other.knobs == arm.knobs] or found
    found = [other for other in found if other.rule == arm.rule] or found
    return found[0] if len(found) == 1 else None


def pairs(first: Arm, second: Arm, metric: str) -> tuple[list[float], list[float]]:
    """Values of the seeds that both arms have, in the same order."""
    a, b = first.values(metric), second.values(metric)
    shared = [seed for seed in a if seed in b]
    return [a[seed] for seed in shared], [b[seed] for seed in shared]
