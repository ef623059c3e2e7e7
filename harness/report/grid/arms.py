"""What a comparison measured, arranged by arm, with one run per seed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isfinite, nan

from harness.base.errors import BadInput
from harness.domain.metric_key import MetricKey
from harness.stats.interval import MeanInterval, mean_interval
from harness.study.arm import Arm
from harness.study.points import written
from harness.study.records import Record

NDCG, CV, MIN = "ndcg", "{group}/cv", "{group}/min25"


@dataclass(frozen=True, eq=False)
class MeasuredArm(Arm):
    """An arm with what became of its runs.

    Attributes:
        records: one of each seed, in their order
        lenient: whether runs count of which no epoch met the rule, and which kept the most accurate one instead
    """

    records: tuple[Record, ...] = ()
    lenient: bool = False

    @cached_property
    def runs(self) -> dict[int, Record]:
        """By seed, those that count: they were measured and met the rule."""
        return {run.seed: run for run in self.records if run.finished and (self.lenient or run.qualifies)}

    @property
    def unqualified(self) -> list[Record]:
        """Those of which no epoch and no trial met the rule."""
        return [record for record in self.records if not record.qualifies]

    @property
    def failed(self) -> list[Record]:
        """Those that ended without being measured."""
        return [record for record in self.records if not record.finished and record.qualifies]

    @property
    def first(self) -> Record:
        """The run of its first seed."""
        return next(iter(self.runs.values()))

    def by_seed(self, key: MetricKey) -> dict[int, float]:
        """A metric by seed; a run in which it is undefined has none."""
        found = {seed: run.metrics.get(str(key), nan) for seed, run in self.runs.items()}
        return {seed: value for seed, value in found.items() if isfinite(value)}

    def values(self, metric: str, split: str = "test") -> dict[int, float]:
        """The same of a metric as studies declare it."""
        return self.by_seed(self.first.view.metric(metric, split)) if self.runs else {}

    def mean(self, metric: str | MetricKey) -> MeanInterval | None:
        """Over seeds, on test data; None where no seed has a value."""
        values = self.values(metric) if isinstance(metric, str) else self.by_seed(metric)
        return mean_interval(list(values.values())) if values else None


def arms_of(records: Iterable[Record], *, lenient: bool = False) -> list[MeasuredArm]:
    """The runs of a comparison that count, by arm, in the order in which arms first appear among them."""
    counting = (run for run in records if run.finished and (lenient or run.qualifies))
    return every_arm(counting, lenient=lenient)


def every_arm(records: Iterable[Record], *, lenient: bool = False) -> list[MeasuredArm]:
    """All runs of a comparison by arm, those that do not count included.

    Raises:
        BadInput: where an arm has two runs of one seed.
    """
    found: dict[Arm, list[Record]] = {}
    for record in records:
        if record.stage == "compare":
            found.setdefault(record.arm, []).append(record)
    for arm, own in found.items():
        own.sort(key=lambda record: record.seed)
        if twice := [one.seed for one, other in pairwise(own) if one.seed == other.seed]:
            raise BadInput(f"records: {arm.variant} under {arm.rule} has two runs of seed {twice[0]} at one point")
    return [
        MeasuredArm(arm.variant, arm.method, arm.rule, arm.point, tuple(own), lenient) for arm, own in found.items()
    ]


def variant_numbers(records: Iterable[Record]) -> dict[str, int]:
    """What decides a variant's colour and marker through a whole report: its place in the study."""
    ordered = sorted(records, key=lambda record: record.stage != "compare")
    return {variant: number for number, variant in enumerate(dict.fromkeys(record.variant for record in ordered))}


def measured(record: Record, metric: str) -> float:
    """``metric`` at the run's headline cut-off, ``{group}`` being the grouping it trained on; NaN where it has none."""
    return record.metrics.get(str(record.view.metric(metric)), nan)


def heading(arms: Sequence[MeasuredArm], metric: str) -> str:
    """What axes and tables call a metric: ``NDCG@20``, ``CV@20 of genre``."""
    return arms[0].first.view.metric(metric).label


def by_problem(arms: Sequence[MeasuredArm]) -> dict[str, list[MeasuredArm]]:
    """Arms that can be compared, by what tells the problems apart in words: empty where there is one."""
    parts: dict[str, list[MeasuredArm]] = {}
    for arm in arms:
        parts.setdefault(written(arm.point.problem), []).append(arm)
    return {"": list(arms)} if len(parts) == 1 else parts


def arm_names(arms: Sequence[MeasuredArm]) -> list[str]:
    """What tells arms of one problem apart: the variant, then knobs and the rule where a variant has several."""
    rules: dict[str, set[str]] = {}
    for arm in arms:
        rules.setdefault(arm.variant, set()).add(arm.rule)
    parts = [(arm.variant, written(arm.point.knobs), arm.rule * (len(rules[arm.variant]) > 1)) for arm in arms]
    return [", ".join(part for part in name if part) for name in parts]


def counterpart(arms: Sequence[MeasuredArm], variant: str, arm: MeasuredArm) -> MeasuredArm | None:
    """The arm of ``variant`` that ``arm`` is compared with, at the same problem; None where there is none.

    It is the one at the same point under the same rule. A variant that does not vary as ``arm`` does (a baseline
    without a knob, or under one rule of its own) has one arm only, and that one is it.
    """
    found = [other for other in arms if other.variant == variant and other.point.problem == arm.point.problem]
    found = [other for other in found if other.point.knobs == arm.point.knobs] or found
    found = [other for other in found if other.rule == arm.rule] or found
    return found[0] if len(found) == 1 else None


def pairs(first: MeasuredArm, second: MeasuredArm, metric: str) -> tuple[list[float], list[float]]:
    """Values of the seeds that both arms have, in the same order."""
    a, b = first.values(metric), second.values(metric)
    shared = [seed for seed in a if seed in b]
    return [a[seed] for seed in shared], [b[seed] for seed in shared]
