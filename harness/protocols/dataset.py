"""A published data set: where it comes from, and how its files are read."""

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from harness.protocols.plugin import Plugin

if TYPE_CHECKING:
    from harness.data.card import Card
    from harness.data.tables import Tables


class Dataset(Plugin):
    """A published data set: a card (source, checksum, licence, citation, groupings) and a reader of its files."""

    card: ClassVar["Card"]

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds this data set's files in any layout that :meth:`read` knows."""

    @abstractmethod
    def read(self, folder: Path) -> "Tables":
        """The raw tables: interactions, items, users."""
