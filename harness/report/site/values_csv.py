"""All leaderboards as one table for programs."""

import csv
import io
from collections.abc import Iterable, Mapping
from math import isfinite
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
    writer.writerows({key: guarded(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows)
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
        line |= _finite({name: mean and mean.mean, f"{name}_low": mean and mean.low, f"{name}_high": mean and mean.high})
        line |= _finite(
            {
                f"{name}_change": change and change.change,
                f"{name}_change_low": change and change.low,
                f"{name}_change_high": change and change.high,
            }
        )
        line[f"{name}_better"] = int(metric in row.better)
    line |= _finite({"training_seconds": row.seconds and row.seconds.mean, "times_baseline": row.times})
    return line | {"rank_best": row.rank and row.rank.best, "rank_worst": row.rank and row.rank.worst}


def _finite(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """What is undefined or without bounds is left empty."""
    return {key: value if value is not None and isfinite(value) else None for key, value in values.items()}
