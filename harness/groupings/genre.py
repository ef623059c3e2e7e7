"""Items by genre; an item may have several."""

from typing import ClassVar

import polars as pl
from pydantic import Field

from harness.data.membership import Membership
from harness.errors import BadInput
from harness.protocols import Frozen, Grouping, GroupingInput

OTHER = "other"
UNLABELLED = "unlabelled"


class GenreConfig(Frozen):
    """When a genre is large enough to be a group of its own."""

    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class Genre(Grouping):
    """Multi-label groups from the items' column ``genres``: an item counts fully in each of its genres.

    Items without any genre form ``unlabelled``. Groups with few items, ``unlabelled`` among them, are merged into
    ``other``: the utility of a handful of items is noise, and one such group can dominate a disparity.
    """

    name = "genre"
    summary = "items by genre, several per item; small genres merged into 'other'"
    requires = ("genres",)
    Config: ClassVar[type[Frozen]] = GenreConfig

    def __init__(self, config: GenreConfig) -> None:
        super().__init__(config)
        self.min_items = config.min_items

    def assign(self, source: GroupingInput) -> Membership:
        """The genres of each item.

        Raises:
            BadInput: where the column ``genres`` does not hold lists of text.
        """
        genres = source.items["genres"]
        if genres.dtype != pl.List(pl.String):
            raise BadInput(f"grouping 'genre': the column 'genres' must hold lists of text, not {genres.dtype}")
        named = pl.when(pl.col("genre").list.len() > 0).then("genre")  # polars 2 explodes an empty list to no row
        labels = pl.DataFrame({"item": range(len(genres)), "genre": genres}).with_columns(named).explode("genre")
        given = pl.when(pl.col("genre") != "").then("genre").otherwise(pl.lit(UNLABELLED))
        labels = labels.with_columns(given.alias("genre")).unique()
        group = pl.when(pl.len().over("genre") < self.min_items).then(pl.lit(OTHER)).otherwise("genre")
        rows = labels.with_columns(group.alias("genre")).group_by("item").agg("genre").sort("item")["genre"].to_list()
        last = {OTHER: 1, UNLABELLED: 2}
        names = sorted({name for row in rows for name in row}, key=lambda name: (last.get(name, 0), name))
        return Membership.from_labels(self.name, self.side, rows, names)
