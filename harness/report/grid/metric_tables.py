"""The main table of a comparison: every variant's metrics on test data, a table for each point."""

from collections.abc import Sequence
from math import nan
from typing import Any

from harness.domain.group_keys import group_keys
from harness.report.document import Section, Table, Text
from harness.report.grid.arms import MeasuredArm
from harness.report.grid.columns import Column, unjudged
from harness.report.grid.differences import Difference, differences, family, reference_arm
from harness.report.grid.point_arms import PointArms, gaps, point_arms
from harness.report.numbers import ABSENT, with_half
from harness.study.records import Records
from harness.study.study_spec import GridSpec

ARROWS = {"higher": " ↑", "lower": " ↓", "neither": ""}
INTERVAL = "mean ± half of the 95 % t-interval over n seeds"


def results_section(study: GridSpec, records: Records) -> Section | None:
    """Means over seeds; in bold what is significantly better than the baseline. None where nothing was compared."""
    found = point_arms(study, records)
    if not found:
        return None
    tables = tuple(
        _table(study, found, here, name) for here, name in zip(found, table_names("results", found), strict=True)
    )
    return Section("Results", (Text(_introduction(study, found)), *tables))


def table_names(kind: str, found: Sequence[PointArms]) -> list[str]:
    """Names for the tables of several blocks: ``results``, or with points ``results_core_2``."""
    keys = group_keys(here.point.name for here in found if here.point.name)
    return [f"{kind}_{keys[here.point.name]}" if here.point.name else kind for here in found]


def where(here: PointArms) -> str:
    """For captions: ``genre groups at core 2``, the point being named where there are several."""
    return f"{here.group} groups" + (f" at {here.point.name}" if here.point.name else "")


def seeds_of(arm: MeasuredArm, here: PointArms) -> str:
    """``5``, or ``4 of 5`` where seeds are missing."""
    n, planned = len(arm.runs), len(here.seeds)
    return str(n) if n == planned else f"{n} of {planned}"


def cell(arm: MeasuredArm, column: Column) -> str:
    """The value as people read it, with its own number of seeds where some are undefined."""
    found = arm.mean(column.key)
    if found is None:
        return ABSENT
    return with_half(found) + (f" (n = {found.n})" if found.n < len(arm.runs) else "")


def plain(arm: MeasuredArm, column: Column, here: PointArms) -> dict[str, Any]:
    """The value as programs read it."""
    found = arm.mean(column.key)
    return {
        **{key: str(value) for key, value in here.point.values.items()},
        "variant": arm.variant,
        "rule": arm.rule,
        "metric": str(column.key),
        "n": found.n if found else 0,
        "mean": found.mean if found else nan,
        "low": found.low if found else nan,
        "high": found.high if found else nan,
        "deviation": found.deviation if found else nan,
    }


def _introduction(study: GridSpec, found: Sequence[PointArms]) -> str:
    if max(len(here.seeds) for here in found) < 2:
        return "Each variant was run with one seed: there are no intervals, and nothing can be tested."
    if not study.baseline:
        return f"Each cell is the {INTERVAL}. The study names no baseline, so nothing is tested and nothing is bold."
    return (
        f"Each cell is the {INTERVAL}. Bold marks what is significantly better than {study.baseline} (corrected "
        "p ≤ 0.05), and nothing else."
    )


def _table(study: GridSpec, found: Sequence[PointArms], here: PointArms, name: str) -> Table:
    compared = differences(here, reference_arm(found, here, study.baseline))
    better = {(entry.variant, entry.column.key) for entry in compared if entry.improvement}
    rules = {arm.rule for arm in here.arms}
    mixed = len(rules) > 1
    shift = 3 if mixed else 2
    lines = tuple(
        (arm.variant, *([arm.rule] if mixed else []), seeds_of(arm, here), *(cell(arm, one) for one in here.columns))
        for arm in here.arms
    )
    strong = frozenset(
        (line, shift + place)
        for line, arm in enumerate(here.arms)
        for place, column in enumerate(here.columns)
        if (arm.variant, column.key) in better
    )
    selected = "each variant under its own rule" if mixed else f"epochs selected by {', '.join(rules)}"
    headings = [f"{column.heading}{ARROWS[column.better]}" for column in here.columns]
    return Table(
        name,
        f"Test data, {where(here)}; {selected} on validation data.",
        (
            "variant",
            *(["selected by"] if mixed else []),
            "n",
            *headings,
        ),
        lines,
        data=[plain(arm, column, here) for arm in here.arms for column in here.columns],
        strong=strong,
        note=_note(study, here, compared),
        leading=True,
    )


def _note(study: GridSpec, here: PointArms, compared: Sequence[Difference]) -> str:
    parts = []
    if compared:
        parts.append(f"Compared with {study.baseline} by {family(compared)}.")
    elif study.baseline and len(here.seeds) > 1:
        parts.append(f"{study.baseline} was not measured here: nothing is tested.")
    if compared and (unsaid := unjudged(here.columns)):
        parts.append(f"Never bold, as neither direction is better: {', '.join(unsaid)}.")
    return " ".join([*parts, *gaps(here)])
