"""What each variant's fairness takes in training: for whom a dearer method pays."""

from collections.abc import Mapping, Sequence
from math import inf
from statistics import fmean
from typing import Any

from harness.domain.metric_key import MetricKey
from harness.report.document import Section, Table
from harness.report.grid.arms import MeasuredArm
from harness.report.grid.differences import reference_arm
from harness.report.grid.metric_tables import table_names, where
from harness.report.grid.point_arms import PointArms, point_arms
from harness.report.numbers import ABSENT, number, percent
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec

SECONDS, PER_EPOCH, EPOCHS = "training_seconds", "seconds_per_epoch", "epochs"
CHANGES = {"cv_change": "{group}/cv", "ndcg_change": "ndcg"}
HEADINGS = ("variant", "epochs", "seconds per epoch", "seconds of training", "× baseline", "change of CV", "of NDCG")


def price_section(study: GridSpec, records: Records) -> Section | None:
    """Time beside what it buys, a table for each point: under the leading rules and those that claims are made for.

    None where no baseline is declared or nothing was timed.
    """
    leading = point_arms(study, records)
    rules = (None, *dict.fromkeys(claim.selection for claim in study.claims if claim.selection))
    tables = [
        _table(here, reference_arm(leading, here, study.baseline), f"{name}_{number}" if rule else name, rule)
        for number, rule in enumerate(rules)
        for found in [point_arms(study, records, rule)]
        for here, name in zip(found, table_names("price", found), strict=True)
        if study.baseline and any(arm.by_seed(MetricKey(SECONDS)) for arm in here.arms)
    ]
    return Section("What it takes", tuple(tables)) if tables else None


def _table(here: PointArms, baseline: MeasuredArm | None, name: str, rule: str | None) -> Table:
    data = [_measured(arm, baseline) for arm in here.arms if arm.runs]
    lines = []
    for own in data:
        times = [ABSENT if own[key] is None else number(own[key]) for key in (EPOCHS, PER_EPOCH, SECONDS)]
        changes = [ABSENT if own[key] is None else percent(100 * own[key]) for key in ("cv_change", "ndcg_change")]
        ratio = ABSENT if own["times_baseline"] is None else f"{own['times_baseline']:.1f}"
        lines.append((own["variant"], *times, ratio, *changes))
    against = "" if baseline is None else f" and what it buys against {baseline.variant}"
    selected = f", epochs selected by {rule}" if rule else ""
    return Table(
        name,
        f"Training time{against}, {where(here)}{selected}.",
        HEADINGS,
        tuple(lines),
        data,
        note="Means over the seeds that both have. Seconds are those of the clock, on a machine that may have done "
        f"other things as well: ratios are no better than that. Validation and test are not counted.{_limited(data)}",
    )


def _limited(data: Sequence[Mapping[str, Any]]) -> str:
    """Whose training was ended by the limit of epochs, not by patience; empty where nobody's was."""
    cut = [f"{own['variant']} {own['at_limit']} of {own['runs']}" for own in data if own["at_limit"]]
    return f" Ended by the limit of epochs, with perhaps more to learn: {', '.join(cut)} runs." if cut else ""


def _measured(arm: MeasuredArm, baseline: MeasuredArm | None) -> dict[str, Any]:
    """One variant's means and what they are against the baseline's, as ratios less 1."""
    asked = arm.first.view
    ratios = {name: ratio_of_means(arm, baseline, asked.metric(metric)) for name, metric in CHANGES.items()}
    return {
        "variant": arm.variant,
        "runs": len(arm.runs),
        "at_limit": sum(_at_limit(run) for run in arm.runs.values()),
        **{name: _mean(arm, MetricKey(name)) for name in (EPOCHS, PER_EPOCH, SECONDS)},
        "times_baseline": ratio_of_means(arm, baseline, MetricKey(SECONDS)),
        **{name: None if ratio is None or arm is baseline else ratio - 1 for name, ratio in ratios.items()},
    }


def _at_limit(run: Record) -> bool:
    """Whether all epochs that the spec allows were made; a method that has only one to make is never cut short."""
    limit = run.spec.get("training", {}).get("max_epochs", inf)
    return run.metrics.get(EPOCHS, 0) >= limit > 1


def _mean(arm: MeasuredArm, key: MetricKey) -> float | None:
    values = arm.by_seed(key)
    return fmean(values.values()) if values else None


def ratio_of_means(arm: MeasuredArm, baseline: MeasuredArm | None, key: MetricKey) -> float | None:
    """Of the means over the seeds that both have."""
    if baseline is None:
        return None
    own, other = arm.by_seed(key), baseline.by_seed(key)
    shared = own.keys() & other.keys()
    below = sum(other[seed] for seed in shared)
    return sum(own[seed] for seed in shared) / below if below else None
