"""A table of interactions from outside as it is kept: text ids, plain types, rows in an order of their own."""

from collections.abc import Callable, Mapping

import polars as pl

from harness.api.incoming import ids, require, typed
from harness.base.errors import BadInput, as_given
from harness.data.table.card_columns import LIST, as_integer, as_number, as_text
from harness.data.table.times import as_seconds


def read_interactions(table: pl.DataFrame) -> pl.DataFrame:
    """Columns ``user``, ``item`` and, where they are there, ``rating``, ``timestamp`` and ``position``.

    Single values that cannot be read are null: whoever reads the data set counts them.

    Raises:
        BadInput: where there is no user, no item or no row, or no value of a column can be read.
    """
    require(table, ("user", "item"), "interactions")
    if table.is_empty():
        raise BadInput("interactions: the table has no rows")
    found = [_read(table[column], convert) for column, convert in _COLUMNS.items() if column in table.columns]
    return pl.DataFrame(found).sort(pl.all())


def _read(values: pl.Series, convert: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """A column as it is kept.

    Raises:
        BadInput: where no value of it can be read.
    """
    found = convert(values).alias(values.name)
    if found.null_count() == len(found):
        first = next((as_given(value) for value in values if value is not None), "nothing")
        raise BadInput(f"interactions: no value of the column '{values.name}' can be read, such as {first}")
    return found


def _plain(values: pl.Series) -> pl.Series:
    """Numbers or text, as text.

    Raises:
        BadInput: for a column of lists.
    """
    found = typed(values, "interactions")
    if found.dtype == LIST:
        raise BadInput(f"interactions: the column '{values.name}' holds lists: one value a row is needed")
    return as_text(found)


def _seconds(values: pl.Series) -> pl.Series:
    if isinstance(values.dtype, (pl.Date, pl.Datetime)):
        return as_seconds(values, "s")
    text = _plain(values)
    numbers = values.dtype.is_numeric() or text.str.contains(r"^[\d.]+$").any()
    if values.dtype == pl.String and text.drop_nulls().str.contains(r"^(19|20)\d{6}$").all():
        numbers = False  # 20240301
    return as_seconds(text, "s" if numbers else "iso")


_COLUMNS: Mapping[str, Callable[[pl.Series], pl.Series]] = {
    "user": ids,
    "item": ids,
    "rating": lambda values: as_number(_plain(values)),
    "timestamp": _seconds,
    "position": lambda values: as_integer(_plain(values)),
}
"""How columns of interactions are read."""
