"""Items by the length of their title."""

from typing import ClassVar

import polars as pl
from pydantic import Field

from harness.plugins import Frozen, Grouping, GroupingConfig, GroupingInput, Membership


class ExampleConfig(GroupingConfig):
    """Where short ends."""

    words: int = Field(3, ge=1, description="titles of at most so many words are short")


class Example(Grouping):
    """``short``, ``long``, and ``untitled`` for items without a title: nobody is left out."""

    name = "example"
    summary = "items by the length of their title"
    requires = ("title",)  # columns of the items' (of side "user": the users') table
    side = "item"
    utility = "recall"  # what a group gets: its share of test interactions found; or "ndcg"
    disparities = ("cv", "min25", "gini")  # what summarises it: see harness list metrics
    Config: ClassVar[type[Frozen]] = ExampleConfig
    config: ExampleConfig

    def assign(self, source: GroupingInput) -> Membership:
        words = source.items["title"].fill_null("").str.extract_all(r"\S+").list.len()
        short = pl.when(pl.col("words") <= self.config.words).then(pl.lit("short")).otherwise(pl.lit("long"))
        label = pl.when(pl.col("words") == 0).then(pl.lit("untitled")).otherwise(short)
        labels = words.alias("words").to_frame().select(label.alias("label"))["label"]
        return Membership.from_labels(self.name, self.side, ([name] for name in labels))
