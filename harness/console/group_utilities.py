"""What each group gets, as a table that fits the terminal: figures stay whole, bars and names give way."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.table import Table

from harness.base.printable import printable
from harness.console.against_tables import paired_bar, reference_heading
from harness.console.short_names import short_names
from harness.evaluation.extremes import extremes
from harness.evaluation.group_row import GroupRow
from harness.runs.against import Against
from harness.runs.summary import Summary

OWN = "this run"
NAME, BAR, LEAST_BAR = 24, 20, 9
"""Columns of the terminal: of a name and of a bar at most, and of a bar that is still worth looking at."""
HEADING = 8
"""Columns that a figure has for its heading at least, as far as that needs them."""
FRAME = 3
"""Columns around a cell; a table has one more."""


class _Layout(NamedTuple):
    """Columns of the terminal for each column of the table; no bar where there are none for it."""

    name: int
    figures: Sequence[int]
    bar: int


def groups_table(summary: Summary, width: int) -> Table:
    """A row for each group of the headline's grouping; of many groups the best and the worst ones.

    Args:
        width: of the terminal, in columns
    """
    against = summary.against
    rows = [row for row in summary.groups if row.grouping == summary.headline and row.k == summary.headline_k]
    best, between, worst = extremes(rows)
    title = f"{f'Best and worst of {len(rows):,} groups' if between else 'Utility of each group'} of {summary.headline}"
    more = f"… {between:,} more"
    headings = [
        "members",
        "test",
        *([] if against is None else [reference_heading(against)]),
        OWN if against else "utility",
    ]
    figures = {row.group: _figures(row, against) for row in (*best, *worst)}
    names = [*map(printable, figures), *([more] if between else [])]
    layout = _layout(width, names, headings, list(figures.values()))
    short = short_names(names, layout.name)
    table = Table(title=f"{title} @{summary.headline_k}", title_justify="left", title_style="")
    table.add_column("group", width=layout.name)
    for heading, columns in zip(headings, layout.figures, strict=True):
        table.add_column(heading, justify="right", width=columns, overflow="fold")
    if layout.bar:
        table.add_column("" if against is None else "above: reference", width=layout.bar)
    top = max((*(against.utilities.values() if against else ()), *(row.utility for row in rows)), default=0.0)
    for row in (*best, *worst):
        if between and row is worst[0]:
            table.add_row(short[more])
        bar = [_bar(row, against, top, layout.bar)] if layout.bar else []
        table.add_row(short[printable(row.group)], *figures[row.group], *bar)
    return table


def _layout(width: int, names: Sequence[str], headings: Sequence[str], figures: Sequence[Sequence[str]]) -> _Layout:
    own = [
        max(min(cell_len(heading), HEADING), *map(len, column))
        for heading, column in zip(headings, zip(*figures, strict=True), strict=True)
    ]
    longest = min(NAME, max(map(cell_len, [*names, "group"])))
    room = width - 1 - sum(own) - FRAME * (len(own) + 2)
    if room - longest >= LEAST_BAR:
        return _Layout(longest, own, min(BAR, room - longest))
    return _Layout(max(min(longest, room + FRAME), len("group")), own, 0)


def _figures(row: GroupRow, against: Against | None) -> list[str]:
    theirs = [] if against is None else [f"{against.utilities.get(row.group, 0.0):.4f}"]
    return [f"{row.members:,}", f"{row.interactions:,}", *theirs, f"{row.utility:.4f}"]


def _bar(row: GroupRow, against: Against | None, top: float, width: int) -> str:
    if against is not None:
        return paired_bar(against.utilities.get(row.group, 0.0), row.utility, top, width)
    return "█" * round(width * row.utility / top) if top > 0 else ""
