"""Records as blocks of rows: one block per point, in it a row per variant, in the row one run per seed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from harness.base.errors import BadInput
from harness.domain.metric_key import MetricKey
from harness.report.grid.columns import Column, columns
from harness.study.points import point_names
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec


@dataclass(frozen=True, eq=False)
class Row:
    """A variant at one point under one selection rule.

    Attributes:
        variant: its name
        rule: the selection rule
        runs: by seed, those that were measured and met the rule
        unqualified: those of which no epoch and no trial met the rule
        failed: those that ended without being measured
    """

    variant: str
    rule: str
    runs: Mapping[int, Record]
    unqualified: tuple[Record, ...] = ()
    failed: tuple[Record, ...] = ()

    def values(self, key: MetricKey) -> dict[int, float]:
        """The metric by seed, in order of the seeds; a run in which it is undefined has none."""
        found = {seed: run.metrics.get(str(key), nan) for seed, run in sorted(self.runs.items())}
        return {seed: value for seed, value in found.items() if isfinite(value)}


@dataclass(frozen=True, eq=False)
class Block:
    """All variants at one point.

    Attributes:
        name: of the point; empty where there is one
        point: its values
        rows: one per variant, in the study's order
        columns: what is shown of them
        seeds: that any run of the block has or was to have
        group: the grouping trained on
    """

    name: str
    point: Mapping[str, Any]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    seeds: tuple[int, ...]
    group: str = ""

    def row(self, variant: str) -> Row | None:
        """The row of this name."""
        return next((row for row in self.rows if row.variant == variant), None)


def blocks(study: GridSpec, records: Records, rule: str | None = None) -> list[Block]:
    """The comparison's runs on test data, point by point in the study's order.

    Args:
        rule: runs under this selection rule alone; None: each variant's leading one, which is the first that it has

    Raises:
        BadInput: where a variant has two runs of one seed at one point under one rule.
    """
    points: dict[str, list[Record]] = {}
    for record in records.stage("compare"):
        points.setdefault(place(record), []).append(record)
    found = []
    for name, here in zip(point_names([here[0].point for here in points.values()]), points.values(), strict=True):
        rows = tuple(row for own in _by_variant(here) if (row := _row(own, rule)) is not None)
        if rows:
            spec = next((record.view for record in here if record.spec), None)
            shown = () if spec is None else columns(study, spec)
            seeds = tuple(sorted({record.seed for record in here}))
            found.append(Block(name, here[0].point, rows, shown, seeds, spec.group if spec else ""))
    return found


def place(record: Record) -> str:
    """The record's point as text that can be compared."""
    return json.dumps(record.point, sort_keys=True)


def gaps(block: Block) -> list[str]:
    """In words, what the rows do not rest on: runs that failed, met no rule or never were, and undefined values."""
    found: dict[str, list[str]] = {}
    for row in block.rows:
        for what in _gaps(row, block):
            found.setdefault(what, []).append(row.variant)
    return [f"{what}: {', '.join(variants)}" for what, variants in found.items()]


def _gaps(row: Row, block: Block) -> Iterable[str]:
    known = {*row.runs, *(record.seed for record in (*row.unqualified, *row.failed))}
    missing = [seed for seed in block.seeds if seed not in known]
    for what, seeds in (
        ("Failed", [record.seed for record in row.failed]),
        (f"Nothing met {row.rule}", [record.seed for record in row.unqualified]),
        ("Not run", missing),
    ):
        if seeds:
            yield f"{what} with {seed_list(seeds)}"
    for column in block.columns:
        if undefined := sorted(set(row.runs) - set(row.values(column.key))):
            yield f"{column.heading} is undefined with {seed_list(undefined)}"


def seed_list(seeds: Iterable[int]) -> str:
    """``seed 3``, ``seeds 0–4``, ``seeds 0, 2, 5``."""
    ordered = sorted(set(seeds))
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"seeds {ordered[0]}–{ordered[-1]}"
    return f"{'seed' if len(ordered) == 1 else 'seeds'} {', '.join(map(str, ordered))}"


def _by_variant(records: Sequence[Record]) -> list[list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.variant, []).append(record)
    return list(found.values())


def _row(records: Sequence[Record], rule: str | None) -> Row | None:
    wanted = records[0].rule if rule is None else rule
    own = [record for record in records if record.rule == wanted]
    if not own:
        return None
    seeds = [record.seed for record in own]
    if twice := sorted({seed for seed in seeds if seeds.count(seed) > 1}):
        raise BadInput(f"records: {own[0].variant} under {wanted} has two runs of seed {twice[0]} at one point")
    return Row(
        own[0].variant,
        wanted,
        runs={record.seed: record for record in own if record.finished and record.qualifies},
        unqualified=tuple(record for record in own if not record.qualifies),
        failed=tuple(record for record in own if not record.finished and record.qualifies),
    )
