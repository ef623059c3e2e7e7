"""What the releases of 2014 and 2018 share: the 5-core or all reviews, in JSON with the same names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from harness.datasets._amazon import NO_RECORD, AmazonConfig, AmazonReviews
from pydantic import Field

from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.data.readers.raw_interactions import Skipped, gather_interactions
from harness.data.readers.raw_records import json_lines

_FIELDS = {"user": "reviewerID", "item": "asin", "rating": "overall", "timestamp": "unixReviewTime"}


class ClassicConfig(AmazonConfig):
    """Which part of a release, and which of its reviews."""

    reviews: Literal["5-core", "full"] = Field(
        "5-core", description="reviews of users and items with at least 5 of them, or all (needed for data.core < 5)"
    )


class ClassicReviews(AmazonReviews):
    """A category of 2014 or 2018."""

    Config: ClassVar[type[Frozen]] = ClassicConfig
    config: ClassicConfig

    def interactions(self, paths: Sequence[Path]) -> tuple[pl.DataFrame, Skipped]:
        """The reviews as interactions, and what was left out."""
        parts = (part for path in paths for part in json_lines(path, _review_fields()))
        return gather_interactions(parts, _FIELDS, NO_RECORD)


def _review_fields() -> dict[str, pl.DataType]:
    """The fields of a review that are read."""
    return {"reviewerID": pl.String(), "asin": pl.String(), "overall": pl.Float64(), "unixReviewTime": pl.Float64()}
