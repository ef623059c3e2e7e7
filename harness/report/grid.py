"""The table of a grid of methods and seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.console import Observer


@dataclass(frozen=True)
class Cell:
    """One method's value of one metric over seeds.

    Attributes:
        method: as shown
        key, heading: of the metric, in the tracking store and for people
        mean, deviation: over seeds; the deviation (n − 1) of a single seed is nan
        seeds: how many there are
    """

    method: str
    key: str
    heading: str
    mean: float
    deviation: float
    seeds: int

    @property
    def text(self) -> str:
        """``0.2790 ± 0.0097``."""
        digits = 1 if abs(self.mean) >= 10 else 3
        if isnan(self.deviation):
            return f"{self.mean:.{digits}f}"
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


def write_grid(cells: Sequence[Cell], folder: Path) -> None:
    """``table.md`` for people and ``table.csv``, one row per method and metric, for programs."""
    import polars as pl

    columns = ("method", "key", "mean", "deviation", "seeds")
    rows = {column: [getattr(cell, column) for cell in cells] for column in columns}
    pl.DataFrame(rows).write_csv(folder / "table.csv")
    lines = _lines(cells)
    text = [f"| {' | '.join(line)} |" for line in lines]
    text.insert(1, "|" + "---|" * len(lines[0]))
    (folder / "table.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def print_grid(cells: Sequence[Cell], title: str, observer: "Observer") -> None:
    """The same as aligned text."""
    lines = _lines(cells)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    observer.say(title)
    for line in lines:
        observer.say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _lines(cells: Sequence[Cell]) -> list[list[str]]:
    """Headings, then a line per method in order of the first metric, the best first."""
    headings = list(dict.fromkeys(cell.heading for cell in cells))
    by_method: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        by_method.setdefault(cell.method, {})[cell.heading] = cell
    order = sorted(by_method, key=lambda method: -next(iter(by_method[method].values())).mean)
    lines = [["method", "seeds", *headings]]
    for method in order:
        found = by_method[method]
        seeds = str(max(cell.seeds for cell in found.values()))
        lines.append([method, seeds, *(found[head].text if head in found else "none" for head in headings)])
    return lines
