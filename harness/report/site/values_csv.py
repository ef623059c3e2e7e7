"""All leaderboards as one table for programs."""

import csv
import io
from collections.abc import Iterable, Mapping
from math import isfinite, nan
from typing import Any

from harness.base.spreadsheet_cells import guarded
from harness.report.site.boards import Board
from harness.report.site.leaderboard import METRICS, Leaderboard, Row

NAMES = dict(zip(METRICS, ("ndcg", "cv", "min"), strict=True))


def values_csv(boards: Iterable[tuple[Board, Iterable[Leaderboard]]]) -> str:
    """A line for each variant on each board; changes are shares of the baseline's mean."""
    rows = [_line(board, table, row) for board, tables in boards for table in tables for row in table.rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: guarded(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows
    )
    return text.getvalue()


def _line(board: Board, table: Leaderboard, row: Row) -> Mapping[str, Any]:
    comparison = table.comparison
    line: dict[str, Any] = {
        "dataset": board.dataset,
        "group": board.group,
        "rule": board.rule_name,
        "study": comparison.part.records.study,
        "records": comparison.part.name,
        "place": comparison.place,
        "variant": row.name,
        "method": row.arm.method,
        "selected_by": row.arm.rule,
        "families": " ".join(row.families),
        "seeds": len(row.arm.runs),
        "planned": len(comparison.seeds),
    }
    for metric, name in NAMES.items():
        mean, change = row.means[metric], row.changes.get(metric)
        line |= _finite(name, None if mean is None else (mean.mean, mean.low, mean.high))
        line |= _finite(f"{name}_change", None if change is None else (change.change, change.low, change.high))
        line[f"{name}_better"] = int(metric in row.better)
    line |= {"training_seconds": None if row.seconds is None else row.seconds.mean, "times_baseline": row.times}
    return line | {"rank_best": row.rank and row.rank.best, "rank_worst": row.rank and row.rank.worst}


def _finite(name: str, found: tuple[float, float, float] | None) -> dict[str, float | None]:
    """A value with its interval's ends; what is undefined or without bounds is left empty."""
    values = found or (nan, nan, nan)
    keys = (name, f"{name}_low", f"{name}_high")
    return {key: value if isfinite(value) else None for key, value in zip(keys, values, strict=True)}
