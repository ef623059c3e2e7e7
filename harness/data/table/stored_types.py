"""Which of parquet's own types can be an id, a rating, a time or a description, and what to do about the others."""

import polars as pl
from polars.datatypes import DataTypeClass

from harness.data.table.card_file import Column

_TEXT = (pl.String, pl.Categorical, pl.Enum, pl.Null)


def why_not(key: str, kind: pl.DataType) -> str:
    """Why a column of ``kind`` cannot be ``key`` of interactions, and the remedy; empty where it can."""
    number = kind.is_numeric() or kind in _TEXT
    if key in ("user", "item"):
        fine = number or kind in (pl.Boolean, pl.Date, pl.Datetime)
        return "" if fine else "ids are text or numbers: store them as text"
    if key == "timestamp":
        fine = number or kind in (pl.Date, pl.Datetime)
        return "" if fine else "times are dates, dates with a time, text or numbers: store them as one of these"
    if kind == pl.Boolean and key == "rating":
        return f"ratings are numbers: store 0 and 1, or leave columns.{key} out"
    if key == "part":
        return "" if kind in _TEXT else "it says train, valid or test: store it as text"
    return "" if number else f"a {key} is a number: store it as one"


def why_no_column(column: Column, kind: pl.DataType) -> str:
    """The same of a column that describes items or users."""
    if isinstance(kind, (pl.List, pl.Array)) and _plain(kind.inner):
        return "" if column.type == "list" else "write type = 'list'"
    return "" if _plain(kind) else "text, numbers, dates and lists of text can be read: store it as one of these"


def _plain(kind: "pl.DataType | DataTypeClass") -> bool:
    return kind.is_numeric() or kind in (*_TEXT, pl.Boolean, pl.Date, pl.Datetime)
