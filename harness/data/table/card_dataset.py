"""A card as a data set: what a plug-in in Python would be, made from TOML."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from harness.base.checksums import SUMS_FILE, disagreeing
from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.data.table import card_file as cards
from harness.data.table.card_folder import digest, folder_of
from harness.data.table.read import read_tables
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset

LINKS_VARIABLE = "HARNESS_LINKS"
"""Environment variable: whether the files of a card may be links to files outside of its folder."""
ALLOWED = ("allow", "1", "true", "yes")


class TableDataset(Dataset):
    """Files on this machine, read as a card says; :func:`from_card` makes a subclass of it for each card."""

    declared: cards.TableCard
    path: Path
    """The card's file."""
    place: Path | None = None
    """Where the files lie, if not where the card says: on a machine that they have been lent to."""

    def lies_in(self) -> Path:
        """The folder that the card names.

        Raises:
            BadInput: for an environment variable that is not set.
        """
        return self.place or folder_of(self.declared, self.path)

    def files(self, folder: Path) -> list[Path]:
        """The files that the card names, whether or not they are there."""
        return sorted({folder / file for spec in self.declared.tables.values() for file in spec.files})

    def recognises(self, folder: Path) -> bool:
        """Whether all files that the card names are in ``folder``."""
        return all(path.is_file() for path in self.files(folder))

    def read(self, folder: Path) -> Tables:
        """The tables as the card describes them.

        Raises:
            BadInput: where a file is missing, is not what the card says, lies elsewhere than in ``folder``, or is not
                the one whose checksum stands beside it.
        """
        _refuse_links(self.files(folder), folder)
        there = (path.relative_to(folder).as_posix() for path in self.files(folder) if path.is_file())
        if wrong := disagreeing(folder, there):
            raise BadInput(f"{folder / wrong[0]} is damaged, or another one than {SUMS_FILE} beside it says")
        return read_tables(self.declared, self.path, folder)


def _refuse_links(files: Iterable[Path], folder: Path) -> None:
    """A card and its folder may be anybody's: no link in it makes a data set of a file that lies elsewhere, unasked."""
    if os.environ.get(LINKS_VARIABLE, "").lower() in ALLOWED:
        return
    inside = folder.resolve()
    for file in files:
        if not (lies := file.resolve()).is_relative_to(inside):
            raise BadInput(
                f"{file} is a link to {lies}, outside of {folder}, and is not read: put the file itself there or, "
                f"where you trust the link, set {LINKS_VARIABLE}=allow"
            )


def from_card(path: Path) -> type[TableDataset]:
    """The data set that the card in the file ``path`` declares.

    Raises:
        BadInput: for whatever is wrong with the card.
    """
    declared = cards.read_card(path)
    return made(declared, path, digest(declared, path))


def made(declared: cards.TableCard, path: Path, digest: str, place: Path | None = None) -> type[TableDataset]:
    """The data set of a card that has been read.

    Args:
        path: the card's file
        digest: its hash
        place: see :attr:`TableDataset.place`
    """
    shared = {name: getattr(declared, name) for name in Card.model_fields if name != "sources"}
    members: dict[str, Any] = {
        "name": declared.name,
        "summary": declared.summary,
        "card": Card(sources=(), **shared),
        "declared": declared,
        "path": path,
        "place": place,
        "Config": _options(digest, path),
        "__doc__": declared.title,
        "__module__": __name__,
    }
    return type("CardDataset", (TableDataset,), members)


@cache
def _options(digest: str, path: Path) -> type[Frozen]:
    """Options that hold the card's hash: a card that has changed is another data set, and no run mistakes the two."""

    class CardOptions(Frozen):
        """Filled in by itself."""

        card: str = Field(digest, description="hash of the card's content")

        @field_validator("card")
        @classmethod
        def _card_is_the_same(cls, given: str) -> str:
            if given != digest:
                raise ValueError(f"{path} has changed since: its hash is {digest} now")
            return given

    return CardOptions
