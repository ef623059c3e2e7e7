"""Tables of items and users as data sets hand them over: one row per id."""

from __future__ import annotations

from harness.base.late import pl
from harness.data.readers.raw_interactions import Skipped


def one_row_each(table: pl.DataFrame, side: str) -> tuple[pl.DataFrame, Skipped]:
    """The first row of each id in column ``side`` (``item`` or ``user``), and what was left out by reason."""
    named = table.filter(pl.col(side).str.len_bytes() > 0)
    unique = named.unique(side, keep="first", maintain_order=True)
    skipped = {f"{side}s: no id": table.height - named.height, f"{side}s: repeated id": named.height - unique.height}
    return unique, {why: n for why, n in skipped.items() if n}


def those_in(interactions: pl.DataFrame, side: str) -> pl.DataFrame:
    """Everybody who occurs in ``interactions``, for data sets that say nothing else about them."""
    return interactions.select(pl.col(side).unique(maintain_order=True).cast(pl.String))
