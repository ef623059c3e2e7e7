"""Items by genre; an item may have several."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.builtin.groupings._labels import by_label
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class GenreConfig(GroupingConfig):
    """When a genre is large enough to be a group of its own."""

    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class Genre(Grouping):
    """Multi-label groups from the items' column ``genres``: an item counts fully in each of its genres.

    Items without any genre form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "genre"
    summary = "items by genre, several per item; small genres merged into 'other'"
    requires = ("genres",)
    Config: ClassVar[type[Frozen]] = GenreConfig
    config: GenreConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The genres of each item.

        Raises:
            BadInput: where the column ``genres`` does not hold lists of text.
        """
        genres = source.items["genres"]
        if genres.dtype != pl.List(pl.String):
            raise BadInput(f"grouping 'genre': the column 'genres' must hold lists of text, not {genres.dtype}")
        return by_label(self.name, self.side, genres, self.config.min_items)
