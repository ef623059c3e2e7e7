"""Anybody's top-K lists: as a table with ranks, a table with scores, or a dictionary."""

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any

import polars as pl

from harness.api.incoming import pairs
from harness.base.errors import BadInput, as_given
from harness.domain.ids import hash_ids

if TYPE_CHECKING:
    from harness.api.incoming import Frame

    Lists = Frame | Mapping[Any, Iterable[Any]]
ORDERS = ("rank", "score")


def ordered(lists: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Columns ``user``, ``item`` (text) and ``place`` (0, 1, … within each list), the best first.

    Args:
        lists: ``user``, ``item`` and ``rank`` (the smallest first) or ``score`` (the largest first)
        notes: is told what a reader should know

    Raises:
        BadInput: where a list has an item twice, two at one rank, or a row without an id, rank or score.
    """
    table = pairs(lists, "lists")
    order = next((name for name in ORDERS if name in table.columns), None)
    if order is None:
        raise BadInput(f"lists: a column 'rank' or 'score' is needed, there are: {', '.join(table.columns)}")
    table = table.select("user", "item", _comparable(table[order], order))
    _refuse_repeated(table, ["user", "item"], "an item twice")
    if order == "rank":
        _refuse_repeated(table, ["user", "rank"], "two items at one rank")
        _note_gaps(table, notes)
        table = table.sort("user", "rank")
    else:
        tied = table.height - table.unique(["user", "score"]).height
        if tied:
            notes.append(f"{tied:,} scores of lists equal another of their user: the order is that of the ids' hash")
        table = table.with_columns(hash=pl.Series(hash_ids("item", table["item"])))
        table = table.sort("user", "score", "hash", descending=[False, True, False])
    return table.select("user", "item", (pl.int_range(pl.len()).over("user")).alias("place"))


def of_mapping(lists: Mapping[Any, Iterable[Any]]) -> pl.DataFrame:
    """Lists by user as a table with ranks from 1.

    Raises:
        BadInput: where the items of a user are no list.
    """
    rows = [(user, item, rank) for user, items in lists.items() for rank, item in enumerate(_listed(items), 1)]
    users, items, ranks = zip(*rows, strict=True) if rows else ((), (), ())
    texts = {"user": users, "item": items}
    columns = [pl.Series(name, list(values), dtype=pl.Object) for name, values in texts.items()]
    return pl.DataFrame([*columns, pl.Series("rank", ranks, dtype=pl.Int64)])


def _listed(items: Any) -> Iterable[Any]:
    if isinstance(items, Mapping):
        raise BadInput("lists: scores by item have no order: a table of user, item and score has")
    if isinstance(items, (str, bytes, Set)) or not isinstance(items, Iterable):
        raise BadInput(f"lists: the items of a user are a list, best first, not {as_given(items)}")
    return items


def _comparable(values: pl.Series, order: str) -> pl.Series:
    if not values.dtype.is_numeric():
        raise BadInput(f"lists: '{order}' holds {values.dtype}, numbers are needed")
    numbers = values.cast(pl.Float64).fill_nan(None)
    if missing := numbers.null_count():
        raise BadInput(f"lists: {missing:,} of {len(values):,} rows have no {order}")
    return numbers


def _refuse_repeated(table: pl.DataFrame, by: list[str], what: str) -> None:
    twice = table.filter(pl.struct(by).is_duplicated())
    if not twice.is_empty():
        user = twice["user"][0]
        items = ", ".join(f"'{item}'" for item in twice.filter(user=user)["item"].unique(maintain_order=True).head(2))
        raise BadInput(
            f"lists: {twice['user'].n_unique():,} lists have {what}, such as that of user '{user}' ({items})"
        )


def _note_gaps(table: pl.DataFrame, notes: list[str]) -> None:
    span = table.group_by("user").agg(span=pl.col("rank").max() - pl.col("rank").min() + 1, n=pl.len())
    if gaps := span.filter(pl.col("span") != pl.col("n")).height:
        notes.append(f"{gaps:,} lists have ranks with gaps: their order counts, not the numbers")
