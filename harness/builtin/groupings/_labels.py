"""Groups by label, which most definitions are: small ones merged, nobody left without a group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput, unknown
from harness.base.late import pl
from harness.domain.membership import Membership, Side

OTHER = "other"
UNLABELLED = "unlabelled"
NOTHING = ("nan", "none", "null", "n/a", "<na>", "nat")
"""What programs write where nothing is said; a label may be called so, and that is asked."""
_LIST = re.compile(r"\[.*\]|\(.*,.*\)|\{.*\}", re.DOTALL)


def by_label(grouping: str, side: Side, labels: pl.Series, least: int, order: Sequence[str] = ()) -> Membership:
    """One group per label; an item (user) with several labels belongs to each.

    Whoever has no label (null, "", an empty list) is ``unlabelled``. Groups with few members, ``unlabelled`` among
    them, are merged into ``other``: the utility of a handful is noise, and one such group can dominate a disparity.

    Args:
        labels: text or lists of text, row i of item (user) i
        least: groups with fewer members are merged
        order: labels in the order of their groups; others follow by name, ``other`` and ``unlabelled`` last
    """
    pairs = pl.DataFrame({"member": np.arange(len(labels)), "group": labels})
    if labels.dtype == pl.List(pl.String):
        named = pl.when(pl.col("group").list.len() > 0).then("group")  # polars 2 explodes an empty list to no row
        pairs = pairs.with_columns(named).explode("group")
    return by_pair(grouping, side, pairs, len(labels), least, order)


def by_pair(
    grouping: str, side: Side, pairs: pl.DataFrame, n: int, least: int, order: Sequence[str] = ()
) -> Membership:
    """As :func:`by_label`, from a table of ``member`` and ``group`` (text), a row for every label of every member.

    Args:
        pairs: every one of the ``n`` members has at least one row
    """
    given = pl.when(pl.col("group") != "").then("group").otherwise(pl.lit(UNLABELLED))
    pairs = pairs.select("member", given.alias("group")).unique()
    odd = _no_labels(grouping, pairs["group"].unique().sort().to_list())
    small = pairs.group_by("group").len().filter(pl.col("len") < least)["group"]
    merged = pl.when(pl.col("group").is_in(small.implode())).then(pl.lit(OTHER)).otherwise("group")
    pairs = pairs.select("member", merged.alias("group")).unique().sort("member", "group")
    names = _sorted(pairs["group"].unique().to_list(), order)
    groups = pairs["group"].cast(pl.Enum(names)).to_physical()
    several = "group" if len(small) == 1 else "groups"
    merged_notes = (f"{grouping}: {len(small):,} {several} of fewer than {least} {side}s merged into '{OTHER}'",)
    members, columns = pairs["member"].to_numpy().astype(np.int64), groups.to_numpy().astype(np.int64)
    return Membership.from_pairs(grouping, side, names, members, columns, n, odd + merged_notes * bool(len(small)))


def _no_labels(grouping: str, names: Sequence[str]) -> tuple[str, ...]:
    """A line for labels that other programs write for nothing, and one for lists that have become text."""
    nothing = [name for name in names if name.casefold() in NOTHING]
    lists = [name for name in names if _LIST.fullmatch(name)]
    notes = []
    if nothing:
        notes.append(
            f"{grouping}: a group is called {nothing[0]!r}: where that stands for no label, make it empty "
            f"(in a card: missing = {nothing})"
        )
    if lists:
        notes.append(
            f"{grouping}: {len(lists):,} labels look like lists, such as {lists[0][:60]!r}: make lists of them "
            "(in a card: type = 'list' with a separator)"
        )
    return tuple(notes)


def as_labels(grouping: str, column: pl.Series) -> pl.Series:
    """A column of text, whole numbers, truth values or lists of text as labels.

    Raises:
        BadInput: for any other kind of column.
    """
    kind = column.dtype
    if kind in (pl.String, pl.List(pl.String)):
        return column
    if kind.is_integer() or kind in (pl.Boolean, pl.Categorical, pl.Enum, pl.Null):
        return column.cast(pl.String)
    raise BadInput(
        f"grouping '{grouping}': the column '{column.name}' holds {kind}; "
        "labels are text, lists of text, whole numbers or truth values"
    )


def intervals(
    numbers: pl.Series, cuts: npt.ArrayLike, names: Sequence[str], side: Literal["left", "right"]
) -> pl.Series:
    """The name of the interval that each number lies in, null where it is null.

    Args:
        cuts: ascending, shape (c,)
        names: of the c + 1 intervals
        side: which interval a number equal to a cut belongs to: the one that ends there (left) or begins there (right)
    """
    codes = pl.Series(np.searchsorted(cuts, numbers.fill_null(0).to_numpy(), side=side))
    named = codes.replace_strict(range(len(names)), list(names), return_dtype=pl.String)
    return pl.select(pl.when(numbers.is_not_null()).then(named)).to_series().alias(numbers.name)


def first_column(grouping: str, table: pl.DataFrame, wanted: str | None, usual: Sequence[str]) -> str:
    """The column to read: ``wanted``, or the first of the ``usual`` ones that ``table`` has.

    Raises:
        BadInput: where it has none, with the nearest one or all of them.
    """
    if wanted is not None:
        if wanted not in table.columns:
            raise unknown(f"column of grouping '{grouping}'", wanted, table.columns)
        return wanted
    found = [name for name in usual if name in table.columns]
    if not found:
        raise BadInput(
            f"grouping '{grouping}': this data set has none of the columns {', '.join(usual)}; "
            f"name one of {', '.join(table.columns)} by --set groupings.{grouping}.column=NAME"
        )
    return found[0]


def _sorted(names: Sequence[str], order: Sequence[str]) -> list[str]:
    place = {name: position for position, name in enumerate(order)}
    last = {OTHER: 1, UNLABELLED: 2}
    return sorted(names, key=lambda name: (last.get(name, 0), place.get(name, len(place)), name))
