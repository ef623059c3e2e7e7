"""Text in columns, for terminals; no library needed."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """A line per row, each column as wide as its widest cell; all rows have as many cells."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, the second wrapped to the terminal's width."""
    left = max((len(name) for name, _ in rows), default=0)
    right = max(shutil.get_terminal_size((100, 24)).columns, left + 30) - left - 2
    cells: list[tuple[str, str]] = []
    for name, text in rows:
        first, *others = textwrap.wrap(text, right, break_long_words=False, break_on_hyphens=False) or [""]
        cells += [(name, first), *(("", line) for line in others)]
    return "\n".join(aligned(cells))
