"""What each variant's fairness takes in training: for whom a dearer method pays."""

from collections.abc import Mapping, Sequence
from math import inf
from statistics import fmean
from typing import Any

from harness.domain.metric_key import MetricKey
from harness.report.document import Section, Table
from harness.report.grid.differences import reference_row
from harness.report.grid.metric_tables import names, where
from harness.report.grid.row_blocks import Block, Row, blocks
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
    leading = blocks(study, records)
    rules = (None, *dict.fromkeys(claim.selection for claim in study.claims if claim.selection))
    tables = [
        _table(block, reference_row(leading, block, study.baseline), f"{name}_{number}" if rule else name, rule)
        for number, rule in enumerate(rules)
        for found in [blocks(study, records, rule)]
        for block, name in zip(found, names("price", found), strict=True)
        if study.baseline and any(row.values(MetricKey(SECONDS)) for row in block.rows)
    ]
    return Section("What it takes", tuple(tables)) if tables else None


def _table(block: Block, baseline: Row | None, name: str, rule: str | None) -> Table:
    data = [_measured(row, baseline) for row in block.rows if row.runs]
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
        f"Training time{against}, {where(block)}{selected}.",
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


def _measured(row: Row, baseline: Row | None) -> dict[str, Any]:
    """One variant's means and what they are against the baseline's, as ratios less 1."""
    asked = next(iter(row.runs.values())).view
    ratios = {name: _ratio(row, baseline, asked.metric(metric)) for name, metric in CHANGES.items()}
    return {
        "variant": row.variant,
        "runs": len(row.runs),
        "at_limit": sum(_at_limit(run) for run in row.runs.values()),
        **{name: _mean(row, MetricKey(name)) for name in (EPOCHS, PER_EPOCH, SECONDS)},
        "times_baseline": _ratio(row, baseline, MetricKey(SECONDS)),
        **{name: None if ratio is None or row is baseline else ratio - 1 for name, ratio in ratios.items()},
    }


def _at_limit(run: Record) -> bool:
    """Whether all epochs that the spec allows were made; a method that has only one to make is never cut short."""
    limit = run.spec.get("training", {}).get("max_epochs", inf)
    return run.metrics.get(EPOCHS, 0) >= limit > 1


def _mean(row: Row, key: MetricKey) -> float | None:
    values = row.values(key)
    return fmean(values.values()) if values else None


def _ratio(row: Row, baseline: Row | None, key: MetricKey) -> float | None:
    """Of the means over the seeds that both have."""
    if baseline is None:
        return None
    own, other = row.values(key), baseline.values(key)
    shared = own.keys() & other.keys()
    below = sum(other[seed] for seed in shared)
    return sum(own[seed] for seed in shared) / below if below else None
