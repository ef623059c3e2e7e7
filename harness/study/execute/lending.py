"""What workers of another machine need of this one's files: those of plug-ins, and data sets that cards describe."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.base import paths
from harness.base.errors import BadInput
from harness.base.sealed import write_whole
from harness.base.sharing import make_folder
from harness.plugins.registry import registry
from harness.spec.run_spec import RunSpec

MOST_MEGABYTES = 64
"""Of one data set, that is sent to workers; a larger one must lie on their machines."""


@dataclass(frozen=True)
class Lent(ABC):
    """Files with their names, which may have folders in them."""

    files: tuple[tuple[str, bytes], ...]

    @cached_property
    def digest(self) -> str:
        """A hash of names and contents."""
        digest = hashlib.sha256()
        for name, content in self.files:
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:16]

    def take(self) -> None:
        """In a worker's process: keep them in the home folder, once, and use them."""
        folder = paths.home() / "lent" / self.digest
        for name, content in self.files:
            file = folder / name
            if not file.is_file():
                make_folder(file.parent)
                write_whole(file, content)
        self.use(folder)

    @abstractmethod
    def use(self, folder: Path) -> None:
        """Use the files in ``folder``."""


@dataclass(frozen=True)
class LentPlugins(Lent):
    """The files that were named by ``--plugin``."""

    def use(self, folder: Path) -> None:
        for name, _ in self.files:
            registry.add_file(folder / name)


@dataclass(frozen=True)
class LentCard(Lent):
    """A data set's tables.

    Attributes:
        name: what the spec calls it
        path: the card's file on the other machine
        card: its content
        hash: its digest there, by which runs know it
    """

    name: str
    path: str
    card: dict[str, Any]
    hash: str

    def use(self, folder: Path) -> None:
        from harness.data.table.card_dataset import made
        from harness.data.table.card_file import TableCard

        declared = TableCard.model_validate(self.card)
        registry.lend("dataset", self.name, made(declared, Path(self.path), self.hash, place=folder))


def lent_for(spec: RunSpec) -> Iterator[Lent]:
    """What ``spec`` needs.

    Raises:
        BadInput: for a data set that is too large.
    """
    from harness.data.table.card_dataset import TableDataset

    if files := registry.files:
        yield LentPlugins(tuple((file.name, file.read_bytes()) for file in files))
    dataset = registry.get("dataset", spec.dataset)
    if issubclass(dataset, TableDataset):
        yield _card(spec.dataset, dataset(dataset.Config()))


def _card(name: str, dataset: Any) -> LentCard:
    folder: Path = dataset.lies_in()
    files = [file for file in dataset.files(folder) if file.is_file()]
    if (size := sum(file.stat().st_size for file in files) / 1e6) > MOST_MEGABYTES:
        raise BadInput(
            f"{name}: its files have {size:.0f} MB, more than the {MOST_MEGABYTES} that are sent to workers: "
            "put them on every machine and name their folder there by --data"
        )
    contents = tuple((file.relative_to(folder).as_posix(), file.read_bytes()) for file in files)
    card = dataset.declared.model_dump(mode="json", by_alias=True)
    return LentCard(contents, name, str(dataset.path), card, dataset.config.card)
