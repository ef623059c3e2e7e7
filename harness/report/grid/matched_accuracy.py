"""Comparison at matched accuracy: each variant's test row under each ``fair_within`` rule, or "none"."""

from collections.abc import Sequence

from harness.report.document import Section, Table, Text
from harness.report.grid.arms import MeasuredArm
from harness.report.grid.metric_tables import INTERVAL, cell, plain, table_names, where
from harness.report.grid.point_arms import PointArms, gaps, point_arms
from harness.spec.selection import parse
from harness.study.records import Records
from harness.study.study_spec import GridSpec

NONE = "none"
Matched = tuple[PointArms, MeasuredArm]


def matched_section(study: GridSpec, records: Records) -> Section | None:
    """A table per point, rules from the strictest on; None where no rule of the study asks for accuracy."""
    rules = {record.rule for record in records.stage("compare")}
    shares = {rule: share for rule in rules if (share := parse(rule).share) is not None}
    if not shares:
        return None
    by_point: dict[str, list[Matched]] = {}
    for rule in sorted(shares, key=shares.__getitem__):
        for here in point_arms(study, records, rule):
            by_point.setdefault(here.point.name, []).extend((here, arm) for arm in here.arms)
    first = [rows[0][0] for rows in by_point.values()]
    tables = [_table(rows, name) for rows, name in zip(by_point.values(), table_names("matched", first), strict=True)]
    text = (
        f"Each variant as fair as it gets (lowest validation CV) while validation NDCG stays within the given share of "
        f"that of {_reference(records)} on the same seed. Rows are test data, means over the seeds that qualify; "
        f'"{NONE}" where no epoch of any trial does. Cells are the {INTERVAL}.'
    )
    return Section("At matched accuracy", (Text(text), *tables))


def _table(rows: Sequence[Matched], name: str) -> Table:
    here = rows[0][0]
    lines = tuple(
        (
            _loss(arm.rule),
            arm.variant,
            f"{len(arm.runs)} of {len(own.seeds)}",
            *((cell(arm, column) if arm.runs else NONE) for column in here.columns),
        )
        for own, arm in rows
    )
    missing = [gap for own in dict.fromkeys(own for own, _ in rows) for gap in gaps(own)]
    return Table(
        name,
        f"Test data at matched accuracy, {where(here)}.",
        ("NDCG may fall by", "variant", "seeds that qualify", *(column.heading for column in here.columns)),
        lines,
        data=[plain(arm, column, own) for own, arm in rows for column in here.columns],
        note=" ".join(dict.fromkeys(missing)),
    )


def _loss(rule: str) -> str:
    share = parse(rule).share
    return f"{100 * share:g} %" if share is not None else ""


def _reference(records: Records) -> str:
    """The method whose accuracy the rules ask for."""
    named = dict.fromkeys(
        record.spec["evaluation"]["reference"] for record in records.stage("compare") if record.spec.get("evaluation")
    )
    return " or ".join(named) or "the reference method"
