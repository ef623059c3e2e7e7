"""Recommended lists, for people."""

import sys
from typing import TYPE_CHECKING

from rich.table import Table

from harness.console.literal_console import LiteralConsole
from harness.console.table_width import table_width

if TYPE_CHECKING:
    import polars as pl

PIPED = 120
FIGURES = ("rank", "score")
"""Columns that are never wrapped."""


def print_lists(lists: "pl.DataFrame") -> None:
    """Print each user's list as a table.

    Args:
        lists: as :meth:`harness.runs.fitted.fitted_model.FittedModel.recommend` makes them
    """
    console = LiteralConsole(width=table_width(sys.stdout, piped=PIPED))
    shown = [name for name in ("item", "title", "groups", "score") if name in lists.columns]
    for (user,), own in lists.group_by("user", maintain_order=True):
        table = Table(title=f"for {user}", title_justify="left")
        for name in ("rank", *shown):
            is_figure = name in FIGURES
            table.add_column(name, justify="right" if is_figure else "left", overflow="fold", no_wrap=is_figure)
        for row in own.iter_rows(named=True):
            table.add_row(str(row["rank"]), *(_text(row[name]) for name in shown))
        console.print(table)


def _text(value: object) -> str:
    """A cell: lists with commas between, scores with four digits."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
