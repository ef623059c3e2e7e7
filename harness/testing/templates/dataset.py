"""A tiny generated library: a few shelves, readers who keep to one of them most of the time.

Replace it by a reader of your files: ``generated = False``, sources on the card (or ``--data FOLDER``), the names of
files in :meth:`recognises`, their content in :meth:`read`. Plain tables need no Python: see ``harness data new``.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl
from pydantic import Field

from harness.plugins import Card, Dataset, Frozen, Tables

SHELVES = {
    "birds": ("owl", "heron", "swift", "wren"),
    "boats": ("canoe", "schooner", "ferry", "tug"),
    "stars": ("comet", "nebula", "quasar", "dwarf"),
}
PLACES = ("of the north", "at night", "in the harbour", "for beginners", "revisited")


class ExampleConfig(Frozen):
    """How large it is."""

    n_users: int = Field(80, ge=1)
    per_user: int = Field(15, ge=1, le=30, description="interactions of each user")
    seed: int = Field(0, ge=0)


class Example(Dataset):
    """60 items with titles and shelves, and readers of whom each prefers one shelf."""

    name = "example"
    summary = "a tiny generated library with titles and shelves"
    Config: ClassVar[type[Frozen]] = ExampleConfig
    config: ExampleConfig
    generated = True
    card = Card(
        title="Example",
        homepage="generated",
        licence="none: generated numbers",
        citation="none: generated numbers",
        sources=(),
        groupings=("genre", "popularity"),
        default_group="genre",
    )

    def recognises(self, folder: Path) -> bool:
        """Always: no file is read."""
        return True

    def files(self, folder: Path) -> list[Path]:
        """This file: what it makes changes with it."""
        return [Path(__file__)]

    def read(self, folder: Path) -> Tables:
        """The same options make the same tables."""
        titles = [
            (f"The {thing} {place}", shelf) for shelf, things in SHELVES.items() for thing in things for place in PLACES
        ]
        shelves = np.array([shelf for _, shelf in titles])
        draw = np.random.default_rng(self.config.seed)
        taste = draw.choice(list(SHELVES), size=self.config.n_users)
        appeal = draw.gumbel(size=(self.config.n_users, len(titles))) + 2 * (taste[:, None] == shelves)
        taken = np.argsort(-appeal, axis=1)[:, : self.config.per_user]
        users = np.repeat(np.arange(self.config.n_users), self.config.per_user)
        items = {
            "item": np.arange(len(titles)),
            "title": [title for title, _ in titles],
            "genres": [[s] for s in shelves],
        }
        return Tables(
            interactions=pl.DataFrame({"user": users, "item": taken.ravel()}).cast(pl.String),
            items=pl.DataFrame(items).cast({"item": pl.String}),
            users=pl.DataFrame({"user": np.arange(self.config.n_users)}).cast(pl.String),
        )
