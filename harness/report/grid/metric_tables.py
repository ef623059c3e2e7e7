"""The main table of a comparison: every variant's metrics on test data, a table for each point."""

from collections.abc import Sequence
from math import nan
from typing import Any

from harness.domain.group_keys import group_keys
from harness.report.document import Section, Table, Text
from harness.report.grid.columns import Column, unjudged
from harness.report.grid.differences import Difference, differences, family, reference_row
from harness.report.grid.row_blocks import Block, Row, blocks, gaps
from harness.report.numbers import ABSENT, with_half
from harness.stats.interval import MeanInterval, mean_interval
from harness.study.records import Records
from harness.study.study_spec import GridSpec

INTERVAL = "mean ± half of the 95 % t-interval over n seeds"


def results_section(study: GridSpec, records: Records) -> Section | None:
    """Means over seeds; in bold what is significantly better than the baseline. None where nothing was compared."""
    found = blocks(study, records)
    if not found:
        return None
    tables = tuple(
        _table(study, found, block, name) for block, name in zip(found, names("results", found), strict=True)
    )
    return Section("Results", (Text(_introduction(study, found)), *tables))


def names(kind: str, found: Sequence[Block]) -> list[str]:
    """Names for the tables of several blocks: ``results``, or with points ``results_core_2``."""
    keys = group_keys(block.name for block in found if block.name)
    return [f"{kind}_{keys[block.name]}" if block.name else kind for block in found]


def where(block: Block) -> str:
    """For captions: ``genre groups at core 2``, the point being named where there are several."""
    return f"{block.group} groups" + (f" at {block.name}" if block.name else "")


def interval(row: Row, column: Column) -> MeanInterval | None:
    """Over the row's seeds; None where the metric is undefined in all of them."""
    values = list(row.values(column.key).values())
    return mean_interval(values) if values else None


def seeds_of(row: Row, block: Block) -> str:
    """``5``, or ``4 of 5`` where seeds are missing."""
    n, planned = len(row.runs), len(block.seeds)
    return str(n) if n == planned else f"{n} of {planned}"


def cell(row: Row, column: Column) -> str:
    """The value as people read it, with its own number of seeds where some are undefined."""
    found = interval(row, column)
    if found is None:
        return ABSENT
    return with_half(found) + (f" (n = {found.n})" if found.n < len(row.runs) else "")


def plain(row: Row, column: Column, block: Block) -> dict[str, Any]:
    """The value as programs read it."""
    found = interval(row, column)
    return {
        **{key: str(value) for key, value in block.point.items()},
        "variant": row.variant,
        "rule": row.rule,
        "metric": str(column.key),
        "n": found.n if found else 0,
        "mean": found.mean if found else nan,
        "low": found.low if found else nan,
        "high": found.high if found else nan,
        "deviation": found.deviation if found else nan,
    }


def _introduction(study: GridSpec, found: Sequence[Block]) -> str:
    if max(len(block.seeds) for block in found) < 2:
        return "Each variant was run with one seed: there are no intervals, and nothing can be tested."
    if not study.baseline:
        return f"Each cell is the {INTERVAL}. The study names no baseline, so nothing is tested and nothing is bold."
    return (
        f"Each cell is the {INTERVAL}. Bold marks what is significantly better than {study.baseline} (corrected "
        "p ≤ 0.05), and nothing else."
    )


def _table(study: GridSpec, found: Sequence[Block], block: Block, name: str) -> Table:
    compared = differences(block, reference_row(found, block, study.baseline))
    better = {(entry.variant, entry.column.key) for entry in compared if entry.improvement}
    rules = {row.rule for row in block.rows}
    mixed = len(rules) > 1
    shift = 3 if mixed else 2
    lines = tuple(
        (row.variant, *([row.rule] if mixed else []), seeds_of(row, block), *(cell(row, one) for one in block.columns))
        for row in block.rows
    )
    strong = frozenset(
        (line, shift + place)
        for line, row in enumerate(block.rows)
        for place, column in enumerate(block.columns)
        if (row.variant, column.key) in better
    )
    selected = "each variant under its own rule" if mixed else f"epochs selected by {', '.join(rules)}"
    return Table(
        name,
        f"Test data, {where(block)}; {selected} on validation data.",
        ("variant", *(["selected by"] if mixed else []), "n", *(_arrow(column) for column in block.columns)),
        lines,
        data=[plain(row, column, block) for row in block.rows for column in block.columns],
        strong=strong,
        note=_note(study, block, compared),
        leading=True,
    )


def _arrow(column: Column) -> str:
    return column.heading + {"higher": " ↑", "lower": " ↓", "neither": ""}[column.better]


def _note(study: GridSpec, block: Block, compared: Sequence[Difference]) -> str:
    parts = []
    if compared:
        parts.append(f"Compared with {study.baseline} by {family(compared)}.")
    elif study.baseline and len(block.seeds) > 1:
        parts.append(f"{study.baseline} was not measured here: nothing is tested.")
    if compared and (unsaid := unjudged(block.columns)):
        parts.append(f"Never bold, as neither direction is better: {', '.join(unsaid)}.")
    return " ".join([*parts, *sentences(gaps(block))])


def sentences(parts: Sequence[str]) -> list[str]:
    """Each part as a sentence of its own."""
    return [f"{part}." for part in parts]
