"""Tables from outside: polars or pandas in, polars with raw ids as text out. Nothing is dropped in silence."""

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from harness.base.errors import BadInput, as_given, hint, nearest, one_line
from harness.data.table.card_columns import LIST, as_text

if TYPE_CHECKING:
    import pandas as pd

    Frame = pl.DataFrame | pl.LazyFrame | pd.DataFrame
Columns = Mapping[str, str]
"""Our names to those that the columns have in the user's table."""


def as_polars(frame: "Frame", what: str) -> pl.DataFrame:
    """The table in polars; columns that Arrow cannot hold stay Python objects.

    Args:
        what: it is, for messages

    Raises:
        BadInput: where it is no table, cannot be collected, or two of its columns have one name.
    """
    if isinstance(frame, pl.LazyFrame):
        try:
            return frame.collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise BadInput(f"{what}: {one_line(error)}") from None
    if isinstance(frame, pl.DataFrame):
        return frame
    pandas = sys.modules.get("pandas")  # whoever has such a table has imported it
    if pandas is None or not isinstance(frame, pandas.DataFrame):
        raise BadInput(f"{what}: a polars or pandas DataFrame is needed, not {type(frame).__name__}")
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"{what}: two columns are called '{twice[0]}'")
    return pl.DataFrame([_from_pandas(name, frame.iloc[:, place]) for place, name in enumerate(names)])


def _from_pandas(name: str, values: Any) -> pl.Series:
    objects = pl.Series(name, values.tolist(), dtype=pl.Object) if values.dtype == object else None
    if objects is not None and any(isinstance(value, (set, frozenset)) for value in objects):
        return objects  # Arrow would list what is in them in any order
    try:
        found = pl.from_pandas(values)
    except Exception:  # noqa: BLE001 - Arrow's own errors, of mixed types and of classes that it does not know
        found = None
    if objects is not None and (found is None or found.dtype == pl.Binary):  # what Arrow makes of UUIDs is no text
        return objects
    if found is None:
        raise BadInput(f"the column '{name}' holds {values.dtype}, which cannot be read: convert it, or leave it out")
    return found.alias(name)


def renamed(tables: Mapping[str, pl.DataFrame], columns: Columns | None) -> dict[str, pl.DataFrame]:
    """The tables with columns called as we call them.

    Raises:
        BadInput: where none of the tables has a column that is named, with the nearest one.
    """
    if not isinstance(columns or {}, Mapping):
        raise BadInput(f"columns: a dictionary of our names to yours is needed, not {as_given(columns)}")
    called = {ours: str(theirs) for ours, theirs in (columns or {}).items()}
    for theirs in called.values():
        everywhere = [column for table in tables.values() for column in table.columns]
        if theirs not in everywhere:
            which = hint(theirs, everywhere, f"there are: {', '.join(dict.fromkeys(everywhere))}")
            raise BadInput(f"columns: no table has a column '{theirs}': {which}")
    return {name: _renamed(table, called) for name, table in tables.items()}


def _renamed(table: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Under our names; what was called so before and is not what is meant makes room."""
    here = {theirs: ours for ours, theirs in columns.items() if theirs in table.columns}
    return table.drop(set(here.values()) - here.keys(), strict=False).rename(here)


def require(table: pl.DataFrame, names: Iterable[str], what: str) -> None:
    """Raise BadInput where the table lacks a column, with the nearest one and the way to name it."""
    for name in names:
        if name not in table.columns:
            guess = nearest(name, table.columns)
            which = f"'{guess}' is near" if guess else f"it has {', '.join(table.columns) or 'none'}"
            raise BadInput(f"{what}: no column '{name}' ({which}): call it so, or say columns={{'{name}': '…'}}")


def ids(values: pl.Series) -> pl.Series:
    """Raw ids of any type as text: ``1`` and ``1.0`` are "1"; nothing and NaN are null."""
    if values.dtype in (pl.Object, pl.Binary) or values.dtype.is_nested():
        values = pl.Series(values.name, [_said(value) for value in values.to_list()], dtype=pl.String)
    return as_text(values.fill_nan(None) if values.dtype.is_float() else values).alias(values.name)


def _said(value: Any) -> str | None:
    if _is_nothing(value):
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (float, np.floating)) and value.is_integer():
        return str(int(value))
    return str(value)


def _is_nothing(value: Any) -> bool:
    """Whether it is None, NaN, or what pandas has for nothing; whoever has the latter has imported pandas."""
    if value is None or isinstance(value, (float, np.floating)):
        return value is None or bool(value != value)
    pandas = sys.modules.get("pandas")
    return pandas is not None and (value is pandas.NA or value is pandas.NaT)


def pairs(table: pl.DataFrame, what: str) -> pl.DataFrame:
    """The table with ``user`` and ``item`` as text.

    Raises:
        BadInput: where it lacks one of them, has no rows, or a row without an id.
    """
    require(table, ("user", "item"), what)
    if table.is_empty():
        raise BadInput(f"{what}: the table has no rows")
    table = table.with_columns(ids(table["user"]), ids(table["item"]))
    for side in ("user", "item"):
        if missing := table[side].null_count():
            raise BadInput(f"{what}: {missing:,} of {table.height:,} rows have no {side}: leave them out")
    return table


def described(table: pl.DataFrame, side: str, what: str) -> pl.DataFrame:
    """A table of items (users) with ids as text and every other column of a type that groupings and texts can read.

    Whole numbers stored as floats (what pandas makes of integers with gaps) are whole numbers again.

    Raises:
        BadInput: for a table without rows, and for a column that holds neither text, numbers, truth values, dates nor
            lists of text.
    """
    require(table, (side,), what)
    if table.is_empty():
        raise BadInput(f"{what}: the table has no rows: leave it out")
    columns = [typed(table[name], what) for name in table.columns if name != side]
    return pl.DataFrame([ids(table[side]), *columns])


def typed(values: pl.Series, what: str) -> pl.Series:
    """The values as text, lists of text, 64-bit integers or floats.

    Raises:
        BadInput: where they are none of these.
    """
    kind = values.dtype
    if kind == pl.Object:
        return _objects(values, what)
    if kind.is_float() or kind.is_decimal():
        numbers = values.cast(pl.Float64).fill_nan(None)
        whole = numbers.cast(pl.Int64, strict=False)
        return whole if (whole.cast(pl.Float64) == numbers).all() else numbers
    if kind.is_integer():
        return _integers(values, what)
    if isinstance(kind, (pl.List, pl.Array)) and not kind.inner.is_nested():
        return (values.arr.to_list() if isinstance(kind, pl.Array) else values).cast(LIST)
    if kind in (pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Date, pl.Datetime, pl.Null):
        return values.cast(pl.String)
    raise _unreadable(values, what, str(kind))


def _integers(values: pl.Series, what: str) -> pl.Series:
    try:
        return values.cast(pl.Int64)
    except pl.exceptions.InvalidOperationError:
        raise _unreadable(values, what, "whole numbers of more than 64 bits") from None


def _objects(values: pl.Series, what: str) -> pl.Series:
    """Python's lists, tuples and sets as lists of text."""
    rows = [None if _is_nothing(row) else row for row in values.to_list()]
    if strange := next((row for row in rows if not isinstance(row, (list, tuple, set, frozenset, type(None)))), None):
        raise _unreadable(values, what, f"mixed types, or {type(strange).__name__}")
    texts = [
        row and [_said(entry) for entry in (sorted(row, key=str) if isinstance(row, (set, frozenset)) else row)]
        for row in rows
    ]
    return pl.Series(values.name, texts, dtype=LIST)


def _unreadable(values: pl.Series, what: str, found: str) -> BadInput:
    return BadInput(
        f"{what}: the column '{values.name}' holds {found}; text, numbers, truth values, dates and lists of text can "
        "be read: convert it, or leave it out"
    )
