"""Users by age band."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

from pydantic import Field, field_validator

from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.builtin.groupings._labels import by_label, intervals
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class AgeConfig(GroupingConfig):
    """Where bands begin and when one is large enough to be a group of its own."""

    bounds: tuple[int, ...] = Field(
        (18, 25, 35, 45, 50, 56), min_length=1, description="the first age of each band but the youngest"
    )
    min_users: int = Field(15, ge=1, description="groups with fewer users are merged into 'other'")

    @field_validator("bounds")
    @classmethod
    def _bounds_ascend(cls, bounds: tuple[int, ...]) -> tuple[int, ...]:
        if any(low >= high for low, high in pairwise(bounds)):
            raise ValueError(f"ages must ascend, not {bounds}")
        return bounds


class Age(Grouping):
    """Bands from the users' column ``age``: ``under 18``, ``18-24``, …, ``56+`` (MovieLens-1M's, by default).

    Where the column holds words instead of numbers these are the groups. Users who did not say form ``unlabelled``;
    small groups are merged into ``other``.
    """

    name = "age"
    summary = "users by age band"
    side = "user"
    requires = ("age",)
    Config: ClassVar[type[Frozen]] = AgeConfig
    config: AgeConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The band of each user."""
        ages, bounds = source.users["age"], self.config.bounds
        years = ages.cast(pl.Float64, strict=False).fill_nan(None)
        if ages.dtype == pl.String and years.null_count() > (ages.is_null() | (ages == "")).sum():
            return by_label(self.name, self.side, ages, self.config.min_users)
        names = [f"under {bounds[0]}", *(f"{low}-{high - 1}" for low, high in pairwise(bounds)), f"{bounds[-1]}+"]
        bands = intervals(years, bounds, names, "right")
        return by_label(self.name, self.side, bands, self.config.min_users, names)
