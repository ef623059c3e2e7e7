"""Text in columns, for terminals; no library needed."""

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

GAP = 2


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """A line per row, each column as wide as its widest cell; all rows have as many cells."""
    cells = list(rows)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, the second wrapped to the terminal's width; a name of more than half of it has a line of its own."""
    width = shutil.get_terminal_size((100, 24)).columns
    left = max((len(name) for name, _ in rows if len(name) <= width // 2), default=0)
    room = max(width - left - GAP, 20)
    lines: list[str] = []
    for name, text in rows:
        beside = name if len(name) <= left else ""
        if not beside and name:
            lines.append(name)
        shown = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
        lines += [f"{start:{left + GAP}}{line}".rstrip() for start, line in zip_longest([beside], shown, fillvalue="")]
    return "\n".join(lines)


def within(rows: Iterable[Sequence[str]], width: int) -> list[str]:
    """Lines as of :func:`aligned`, none wider than ``width``.

    Columns that do not fit stand below the others, after an empty line and beside the first column again. A cell that
    does not fit even so is wrapped.
    """
    cells = list(rows)
    first = _wrapped([row[0] for row in cells], width * 2 // 5)
    room = width - _width(first) - GAP
    others = [_wrapped(column, room) for column in zip(*(row[1:] for row in cells), strict=True)]
    blocks = [_lines([first, *block]) for block in _fitting(others, room)] or [_lines([first])]
    return [line for place, block in enumerate(blocks) for line in ([""] if place else []) + block]


Column = list[list[str]]
"""The lines of each cell."""


def _wrapped(column: Sequence[str], width: int) -> Column:
    return [textwrap.wrap(cell, width) or [""] if len(cell) > width else [cell] for cell in column]


def _width(column: Column) -> int:
    return max(len(line) for cell in column for line in cell)


def _fitting(others: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """The columns in their order, as many at a time as fit."""
    block: list[Column] = []
    for column in others:
        if block and sum(map(_width, [*block, column])) + GAP * len(block) > room:
            yield block
            block = []
        block.append(column)
    if block:
        yield block


def _lines(block: Sequence[Column]) -> list[str]:
    """Cells of several lines are continued below themselves."""
    return aligned([line for row in zip(*block, strict=True) for line in zip_longest(*row, fillvalue="")])
