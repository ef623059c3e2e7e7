"""What is in a column: numbers, times, lists or text, over all of its rows."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from harness.data.table.card_columns import as_number, as_text
from harness.data.table.times import DATES, as_seconds

SAMPLE = 1_000
"""Different values that decide what a column is taken for; all rows are counted after that."""
MOST = 0.95
"""The share of them that must be read."""
HALF = 0.5
"""The share that is enough where the name says so, too."""
NOTHING_SAID = ("NA", "N/A", "#N/A", "#NV", "NULL", "null", "None", "nan", "NaN", "NaT", "\\N")
"""What programs write for a missing value."""
_INTEGER = r"^-?\d+(\.0)?$"
_DATE = r"^\d+[-/.]\d+[-/.]\d+|^\d{8}$|^\d{8}[T ]\d"
_BRACKETS = r"(?s)^\[.*\]$"
_LEADING_ZERO = r"^0\d"
_SECONDS = (3e8, 2.3e9)
"""From 1979 to 2042: numbers that may be times."""
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

Kind = Literal["empty", "integer", "number", "date", "list", "text"]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a file.

    Attributes:
        name: the field's
        values: as the file has them
    """

    name: str
    values: pl.Series

    @cached_property
    def text(self) -> pl.Series:
        """Trimmed, nothing as null; lists are no text."""
        return as_text(self.values) if not self.holds_lists else self.values.list.join("|")

    @property
    def holds_lists(self) -> bool:
        """Whether the file's own type is lists."""
        return isinstance(self.values.dtype, (pl.List, pl.Array))

    @cached_property
    def in_brackets(self) -> bool:
        """Whether its texts are lists as Python and JSON write them."""
        return self.values.dtype == pl.String and share(self.sample.str.contains(_BRACKETS)) >= MOST

    @cached_property
    def given(self) -> pl.Series:
        """What is not missing."""
        return self.text.drop_nulls()

    @cached_property
    def distinct(self) -> pl.Series:
        """The different values, in their order."""
        return self.given.unique(maintain_order=True)

    @cached_property
    def sample(self) -> pl.Series:
        """Some of them, without words for nothing."""
        return self._said.head(SAMPLE)

    @cached_property
    def _said(self) -> pl.Series:
        return self.distinct.filter(~self.distinct.is_in(NOTHING_SAID))

    @property
    def is_unique(self) -> bool:
        """Whether no value is there twice."""
        return len(self.given) == len(self.distinct) == len(self.values)

    @cached_property
    def decimal(self) -> str:
        """What numbers have before their fraction: a comma where only so they can be read."""
        plain, comma = (_read(as_number(self._said, decimal)) for decimal in ".,")
        return "," if MOST <= comma > plain else "."

    @cached_property
    def kind(self) -> Kind:
        """What nearly all of its values are."""
        if self.holds_lists:
            return "list"
        if self.sample.is_empty():
            return "empty"
        if self.values.dtype.is_temporal() or self.date_form():
            return "date"
        if _read(as_number(self.sample, self.decimal)) < MOST or self.sample.str.contains(_LEADING_ZERO).any():
            return "text"
        return "integer" if self.sample.str.contains(_INTEGER).all() else "number"

    def date_form(self, least: float = MOST) -> str | None:
        """The ``time_unit`` under which so large a share of its values are dates, at least; None where they are not."""
        if self.values.dtype.is_temporal():
            return "iso"
        if self.holds_lists or not self.sample.str.contains(_DATE).any():
            return None
        best = max(self.date_forms, key=lambda unit: self.date_forms[unit])
        return best if self.date_forms[best] >= least else None

    @cached_property
    def date_forms(self) -> dict[str, float]:
        """The share of values that are dates, by how dates may be written."""
        return {unit: _read(as_seconds(self.sample, unit)) for unit in DATES}

    @cached_property
    def epoch_unit(self) -> str | None:
        """The unit in which its numbers are times of recent decades; None where they are not."""
        if self.kind not in ("integer", "number"):
            return None
        low, high = self.range
        units = (
            unit for unit, factor in _UNITS.items() if low >= _SECONDS[0] * factor and high <= _SECONDS[1] * factor
        )
        return next(units, None)

    @cached_property
    def numbers(self) -> pl.Series:
        """Its values as numbers, null where they are none."""
        return as_number(self.text, self.decimal)

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and the highest number."""
        known = self.numbers.drop_nulls().to_numpy()
        return float(known.min()), float(known.max())

    @cached_property
    def is_row_number(self) -> bool:
        """Whether it counts the rows, as the index does that pandas writes."""
        if not self.values.dtype.is_integer() and self.kind != "integer":
            return False
        steps = self.numbers.diff().drop_nulls()
        return len(self.values) > 1 and self.numbers[0] in (0, 1) and bool((steps == 1).all())

    @property
    def is_unnamed(self) -> bool:
        """Whether it is an index that lost its name on the way."""
        return bool(re.fullmatch(r"\(unnamed \d+\)|Unnamed: \d+|__index_level_\d+__|index", self.name))

    def unreadable(self, read: pl.Series) -> str:
        """``0 of 12,004 rows unreadable``, where ``read`` is what came of the values."""
        return f"{read.null_count():,} of {len(read):,} rows unreadable"


def share(truths: pl.Series) -> float:
    """The share of what is true; 0 of nothing."""
    return int(truths.sum()) / max(1, len(truths))


def _read(values: pl.Series) -> float:
    return share(values.is_not_null())
