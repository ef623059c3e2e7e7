"""The table of a grid of methods, seeds and points."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from harness.study.points import GridPoint

if TYPE_CHECKING:
    from harness.console import Observer


@dataclass(frozen=True)
class Cell:
    """One method's value of one metric at one point over seeds.

    Attributes:
        method: as shown
        key, heading: of the metric, in the tracking store and for people
        mean, deviation: over seeds; the deviation (n − 1) of a single seed is nan
        seeds: how many there are
        point: what else was varied
    """

    method: str
    key: str
    heading: str
    mean: float
    deviation: float
    seeds: int
    point: GridPoint = field(default_factory=GridPoint)

    @property
    def text(self) -> str:
        """``0.279 ± 0.010``; large numbers with one decimal, small ones with five."""
        size = abs(self.mean)
        digits = 1 if size >= 10 else 3 if size >= 0.01 or size == 0 else 5
        if isnan(self.deviation):
            return f"{self.mean:.{digits}f}"
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


def write_grid(cells: Sequence[Cell], folder: Path, best_first: bool = True) -> None:
    """``table.md`` for people and ``table.csv``, one row per point, method and metric, for programs."""
    import polars as pl

    varied = list(dict.fromkeys(key for cell in cells for key in cell.point.values))
    columns = ("method", "key", "mean", "deviation", "seeds")
    rows = [
        {key: cell.point.values.get(key) for key in varied} | {name: getattr(cell, name) for name in columns}
        for cell in cells
    ]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / "table.csv")
    lines = _lines(cells, best_first)
    text = [f"| {' | '.join(line)} |" for line in lines]
    text.insert(1, "|" + "---|" * len(lines[0]))
    (folder / "table.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def print_grid(cells: Sequence[Cell], title: str, observer: "Observer", best_first: bool = True) -> None:
    """The same as aligned text."""
    lines = _lines(cells, best_first)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    observer.say(title)
    for line in lines:
        observer.say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _lines(cells: Sequence[Cell], best_first: bool) -> list[list[str]]:
    """Headings, then a line per point and method, those of a point in order of the first metric or as they ran."""
    headings = list(dict.fromkeys(cell.heading for cell in cells))
    rows: dict[tuple[str, str], dict[str, Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.point.name, cell.method), {})[cell.heading] = cell
    points = list(dict.fromkeys(point for point, _ in rows))
    order = sorted(
        rows, key=lambda row: (points.index(row[0]), -next(iter(rows[row].values())).mean if best_first else 0.0)
    )
    has_points = any(points)
    lines = [[*(["point"] if has_points else []), "method", "seeds", *headings]]
    for point, method in order:
        found = rows[point, method]
        seeds = str(max(cell.seeds for cell in found.values()))
        values = [found[heading].text if heading in found else "none" for heading in headings]
        lines.append([*([point] if has_points else []), method, seeds, *values])
    return lines
