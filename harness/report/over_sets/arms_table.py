"""What every arm changes and costs against the baseline, over data sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean
from typing import Any

from harness.domain.metric_key import MetricKey
from harness.report.document import Table
from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm, pairs
from harness.report.grid.training_price import SECONDS
from harness.report.numbers import ABSENT
from harness.report.over_sets.one_set import OneSet, claimed_rule
from harness.report.over_sets.pooled_change import in_words, pooled_change
from harness.stats.family import holm
from harness.stats.random_effects import Pooled
from harness.stats.ratio import RelativeChange, relative_change
from harness.stats.verdict import SIGNIFICANT

METRICS = {"cv": CV, "min": MIN, "ndcg": NDCG}


@dataclass(frozen=True)
class ArmOverSets:
    """One arm against the baseline.

    Attributes:
        variant: its name
        changes: mean relative changes over sets, by name of the metric
        times: its training time in that of the baseline, the geometric mean over sets; None where nothing was timed
        fairer: on how many sets its CV is significantly lower, corrected for all arms of the set
        sets: on how many it was measured
    """

    variant: str
    changes: dict[str, Pooled | None]
    times: float | None
    fairer: int
    sets: int


def arms_over_sets(sets: Sequence[OneSet]) -> list[ArmOverSets]:
    """Every arm but the baseline, in the study's order, over the pooled sets."""
    pooled = [one for one in sets if one.pooled and one.study.baseline in one.arms]
    variants = dict.fromkeys(variant for one in pooled for variant in one.arms if variant != one.study.baseline)
    fairer = [_fairer(one) for one in pooled]
    found = []
    for variant in variants:
        both = [(one.arms[one.study.baseline], one.arms[variant]) for one in pooled if variant in one.arms]
        changes = {name: pooled_change(_change(*arms, metric) for arms in both) for name, metric in METRICS.items()}
        times = list(_times(both))
        mean = exp(fmean(map(log, times))) if times else None
        found.append(ArmOverSets(variant, changes, mean, sum(variant in own for own in fairer), len(both)))
    return found


def _change(baseline: MeasuredArm, arm: MeasuredArm, metric: str) -> RelativeChange | None:
    first, second = pairs(baseline, arm, metric)
    return relative_change(first, second) if first else None


def _fairer(one: OneSet) -> set[str]:
    """The arms whose CV is significantly lower than the baseline's."""
    baseline = one.arms[one.study.baseline]
    found = {variant: _change(baseline, arm, CV) for variant, arm in one.arms.items() if arm is not baseline}
    tested = {variant: change for variant, change in found.items() if change is not None and change.p == change.p}
    corrected = holm([change.p for change in tested.values()])
    return {
        variant
        for (variant, change), p in zip(tested.items(), corrected, strict=True)
        if p <= SIGNIFICANT and change.change < 0
    }


def _times(both: Sequence[tuple[MeasuredArm, MeasuredArm]]) -> Iterator[float]:
    for baseline, arm in both:
        own, other = (each.mean(MetricKey(SECONDS)) for each in (arm, baseline))
        if own and other and own.mean > 0 and other.mean > 0:
            yield own.mean / other.mean


def arms_table(sets: Sequence[OneSet], found: Sequence[ArmOverSets]) -> Table:
    """A row for each arm."""
    study = sets[0].study
    rule = claimed_rule(study)
    lines = tuple(
        (
            arm.variant,
            *(in_words(arm.changes[name], arm.sets) for name in METRICS),
            ABSENT if arm.times is None else f"{arm.times:.1f}",
            f"{arm.fairer} of {arm.sets}",
        )
        for arm in found
    )
    return Table(
        "over_sets",
        f"What each arm changes against {study.baseline}, means over data sets with 95 % intervals"
        + (f"; epochs selected by {rule}." if rule else "."),
        ("variant", "CV", "MIN", "NDCG", "× training time", "CV lower on"),
        lines,
        [_plain(arm) for arm in found],
        note="Relative changes on test data, pooled by a random-effects model as above. Training time: the geometric "
        "mean over sets. The last column counts data sets on which CV is significantly lower (paired t-test over "
        "seeds, Holm-corrected for the arms of the set). Runs of which no epoch met the rule count with the most "
        f"accurate epoch.{_stand_ins(sets)}",
    )


def _stand_ins(sets: Sequence[OneSet]) -> str:
    told = [f"{one.name}: {'; '.join(texts)}." for one in sets if one.pooled and (texts := one.stand_ins)]
    return "".join(f" {text}" for text in told)


def _plain(arm: ArmOverSets) -> dict[str, Any]:
    values: dict[str, Any] = {"variant": arm.variant}
    for name, pooled in arm.changes.items():
        for part in ("mean", "low", "high"):
            values[f"{name}_{part}_percent"] = None if pooled is None else 100 * getattr(pooled, part)
    return values | {"times_baseline": arm.times, "fairer_on": arm.fairer, "sets": arm.sets}
