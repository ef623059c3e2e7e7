"""Recommended lists, for people."""

import sys
from typing import TYPE_CHECKING

from rich.table import Table

from harness.console.literal_console import LiteralConsole

if TYPE_CHECKING:
    import polars as pl


def print_lists(lists: "pl.DataFrame") -> None:
    """Print each user's list as a table.

    Args:
        lists: as :meth:`harness.runs.fitted.fitted_model.FittedModel.recommend` makes them
    """
    console = LiteralConsole(width=None if sys.stdout.isatty() else 120)
    shown = [name for name in ("item", "title", "groups", "score") if name in lists.columns]
    for (user,), own in lists.group_by("user", maintain_order=True):
        table = Table(title=f"for {user}", title_justify="left")
        table.add_column("rank", justify="right")
        for name in shown:
            table.add_column(name, justify="right" if name == "score" else "left", overflow="fold")
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
