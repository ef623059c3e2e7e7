"""The trainings that were interrupted, for people: what there is, and away with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.runs.checkpoint_files import Damaged, all_files, read
from harness.training.checkpoint import header_of


@dataclass(frozen=True)
class KeptTraining:
    """A checkpoint's file.

    Attributes:
        path: where it is
        title: of the run; the file's name where that cannot be read
        size: in bytes
        described: how far it has come, when that was, which run it was; or why it is of no use
    """

    path: Path
    title: str
    size: int
    described: str


def kept_trainings() -> list[KeptTraining]:
    """All of them, oldest first."""
    return [found for path in all_files() if (found := _opened(path)) is not None]


def remove(trainings: Iterable[KeptTraining]) -> int:
    """Remove their files; how many bytes they took."""
    size = 0
    for training in trainings:
        training.path.unlink(missing_ok=True)
        size += training.size
    return size


def _opened(path: Path) -> KeptTraining | None:
    """What a file says; None where it has just been removed."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    at = f"{datetime.fromtimestamp(found.st_mtime):%Y-%m-%d %H:%M}, {found.st_size / 1e6:,.1f} MB"
    try:
        header = header_of(read(path))
        about, epochs = header["about"], len(header["epochs"])
        return KeptTraining(path, about["title"], found.st_size, f"after epoch {epochs}, {at}, run {about['run']}")
    except (Damaged, ValueError, KeyError) as error:
        return KeptTraining(path, path.name, found.st_size, f"UNUSABLE: {error}, {at}")
