"""Items by when they came out."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.builtin.groupings._labels import by_label
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class ReleasePeriodConfig(GroupingConfig):
    """How long a period is and when one is large enough to be a group of its own."""

    width: int = Field(10, ge=1, description="years in a period; periods begin at multiples of it")
    column: str = Field("year", min_length=1, description="the items' column of years")
    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class ReleasePeriod(Grouping):
    """Periods of equal width: ``1990s`` for decades, ``1995-1999`` for other widths, ``1995`` for single years.

    Items without a year form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "release_period"
    summary = "items by decade of release, or periods of any other width"
    requires = ("year",)
    Config: ClassVar[type[Frozen]] = ReleasePeriodConfig
    config: ReleasePeriodConfig

    def __init__(self, config: ReleasePeriodConfig) -> None:
        super().__init__(config)
        self.requires = (config.column,)

    def assign(self, source: GroupingInput) -> Membership:
        """The period of each item.

        Raises:
            BadInput: where years are not whole numbers.
        """
        years, width = source.items[self.config.column], self.config.width
        if not (years.dtype.is_integer() or years.dtype == pl.Null):
            raise BadInput(
                f"grouping 'release_period': the column '{years.name}' must hold whole numbers, not {years.dtype}"
            )
        begin = pl.Series("begin", years.cast(pl.Int64) // width * width)
        frame = begin.to_frame().with_columns(end=pl.col("begin") + width - 1)
        several = pl.format("{}s", "begin") if width == 10 else pl.format("{}-{}", "begin", "end")
        labels = frame.select(pl.format("{}", "begin") if width == 1 else several).to_series()
        return by_label(self.name, self.side, labels, self.config.min_items)
