"""A published data set: where it comes from, and how its files are read."""

import hashlib
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from harness.plugins.protocols.plugin import Plugin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from harness.domain.card import Card
    from harness.domain.tables import Tables


class Dataset(Plugin):
    """A data set: a card (source, checksum, licence, citation, groupings) and a reader of its files.

    Args:
        config: the data set's own options; None for their defaults
    """

    card: "Card"
    """Declared by the class; options may refine it (such as which file is fetched) in ``__init__``."""
    generated: ClassVar[bool] = False
    """Whether :meth:`read` makes the tables itself: no file is looked for, and the folder it gets may not exist."""

    @property
    def key(self) -> str:
        """What caches of this data set are called: its name, and a hash of its options where they are not defaults."""
        given = self.config.model_dump_json()
        if given == self.Config().model_dump_json():
            return self.name
        return f"{self.name}-{hashlib.blake2b(given.encode(), digest_size=6).hexdigest()}"

    def lies_in(self) -> Path | None:
        """The folder of files that are on this machine already and never fetched; None for all others."""
        return None

    @abstractmethod
    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds this data set's files in any layout that :meth:`read` knows."""

    @abstractmethod
    def read(self, folder: Path) -> "Tables":
        """The raw tables: interactions, items, users."""

    def files(self, folder: Path) -> list[Path]:
        """The files in ``folder`` that :meth:`read` reads: all of them, unless a data set knows better."""
        return sorted(path for path in folder.rglob("*") if path.is_file())

    def vectors(self, items: "pl.DataFrame") -> "npt.NDArray[np.float32] | None":
        """Z₀, where the data set has vectors of its own instead of texts to encode: shape (len(items), d), float32.

        Args:
            items: the items' table after the filters, in index order; None answers that their texts are encoded
        """
        return None
