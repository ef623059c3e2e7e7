"""Items or users by any column of their table."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.builtin.groupings._labels import as_labels, by_label, intervals
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class ColumnConfig(GroupingConfig):
    """Which column, of whom, and what makes a group of its own."""

    column: str = Field("", description="the column's name")
    side: Literal["item", "user"] = Field("item", description="whose column it is")
    min_members: int = Field(15, ge=1, description="groups with fewer members are merged into 'other'")
    bins: int | None = Field(None, ge=2, description="for numbers: so many ranges of about equally many members")


class Column(Grouping):
    """A group per value of a column: text, whole numbers, truth values, or lists of text (several groups each).

    With ``bins`` a column of numbers is cut at its quantiles instead; equal numbers stay together, so that bins may
    be unequal or fewer. Empty cells form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "column"
    summary = "items or users by any column of their table, text, list or number"
    Config: ClassVar[type[Frozen]] = ColumnConfig
    config: ColumnConfig

    def __init__(self, config: ColumnConfig) -> None:
        super().__init__(config)
        self.side = config.side
        self.requires = (config.column,) if config.column else ()

    def assign(self, source: GroupingInput) -> Membership:
        """The column's value of each item (user).

        Raises:
            BadInput: where no column is named, or where it holds nothing that can be a label.
        """
        options, table = self.config, source.items if self.side == "item" else source.users
        if not options.column:
            raise BadInput(
                f"grouping 'column' needs --set groupings.column.column=NAME; {self.side}s have: "
                f"{', '.join(table.columns)}"
            )
        values = table[options.column]
        if options.bins is None:
            if values.dtype.is_float():
                raise BadInput(
                    f"grouping 'column': '{options.column}' holds {values.dtype}; "
                    "cut it into ranges, for example by --set groupings.column.bins=5"
                )
            return by_label(self.name, self.side, as_labels(self.name, values), options.min_members)
        labels, order = ranges(values, options.bins)
        return by_label(self.name, self.side, labels, options.min_members, order)


def ranges(values: pl.Series, bins: int) -> tuple[pl.Series, list[str]]:
    """Numbers as the names of the quantile ranges they lie in, and these names in order; null where there is none.

    Raises:
        BadInput: where ``values`` are no numbers.
    """
    if not values.dtype.is_numeric():
        raise BadInput(f"grouping 'column': bins need numbers, and '{values.name}' holds {values.dtype}")
    numbers = values.cast(pl.Float64).fill_nan(None)
    known = numbers.drop_nulls().to_numpy()
    if not len(known):
        return pl.Series(values.name, [None] * len(values), dtype=pl.String), []
    cuts = np.unique(np.quantile(known, np.arange(1, bins) / bins, method="inverted_cdf"))
    within = np.searchsorted(cuts, known, side="left")
    names = [_range(values.name, known[within == k]) for k in range(len(cuts) + 1)]
    return intervals(numbers, cuts, names, "left"), names


def _range(column: str, numbers: np.ndarray) -> str:
    if not len(numbers):
        return ""
    low, high = numbers.min(), numbers.max()
    return f"{column} {low:.10g}" if low == high else f"{column} {low:.10g} to {high:.10g}"
