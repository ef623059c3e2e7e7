"""The files of interrupted trainings: one for each run, sealed, of a bounded size together."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.base import paths
from harness.base.sealed import read_sealed, write_sealed
from harness.base.trees import digest_of

ENDING = ".checkpoint"
LARGEST_TOTAL = 10 * 10**9
"""Bytes of all of them together; the oldest go when there would be more."""
ABANDONED_SECONDS = 3600.0
"""A half-written file of a killed process is removed when it is older."""


class Damaged(ValueError):
    """The file is not what was written, or cannot be read."""


@dataclass(frozen=True)
class CheckpointFile:
    """A run's checkpoint, whether or not it is there.

    Attributes:
        spec: digest of the run's spec
        identity: all that must agree for a checkpoint to be of this run
    """

    spec: str
    identity: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Where it is."""
        return paths.checkpoints_folder() / f"{self.spec}-{digest_of(dict(self.identity))}{ENDING}"

    @property
    def others(self) -> list[Path]:
        """Checkpoints of the same spec by other code, data or machines."""
        return [path for path in files_of(self.spec) if path != self.path]

    def read(self) -> bytes | None:
        """Its content; None where there is none.

        Raises:
            Damaged: where the file is not what was written, or cannot be read.
        """
        return read(self.path) if self.path.exists() else None

    def write(self, content: bytes) -> None:
        """Put it in its place whole, and make room: the oldest of the others go first.

        Raises:
            OSError: where it cannot be written.
        """
        write_sealed(self.path, content)
        make_room(self.path)

    def remove(self) -> None:
        """It is of no more use."""
        self.path.unlink(missing_ok=True)


def files_of(spec: str) -> list[Path]:
    """The checkpoints of a spec, whatever code, data and machine made them."""
    return sorted(paths.checkpoints_folder().glob(f"{spec}-*{ENDING}"))


def locks_of(spec: str) -> list[Path]:
    """The locks of a spec's trainings that have no checkpoint beside them."""
    locks = sorted(paths.checkpoints_folder().glob(f"{spec}-*.lock"))
    return [path for path in locks if not path.with_suffix(ENDING).exists()]


def read(path: Path) -> bytes:
    """A file's content.

    Raises:
        Damaged: where it is not what was written, or cannot be read.
    """
    try:
        content = read_sealed(path)
    except OSError as error:
        raise Damaged(error.strerror or str(error)) from None
    if content is None:
        raise Damaged("it is not what was written")
    return content


def make_room(kept: Path, largest_total: int = LARGEST_TOTAL) -> None:
    """Remove the oldest checkpoints beyond the total, ``kept`` never, and what killed processes left half-written."""
    now, total = time.time(), 0
    for path, size, written in sorted(_files(), key=lambda file: (file[0] != kept, -file[2])):
        total += size
        half_written = path.suffix != ENDING and now - written > ABANDONED_SECONDS
        if path != kept and (half_written or total > largest_total):
            path.unlink(missing_ok=True)


def all_files() -> list[Path]:
    """All checkpoints, oldest first."""
    return [path for path, _, _ in sorted(_files(), key=lambda file: file[2]) if path.suffix == ENDING]


def _files() -> Iterator[tuple[Path, int, float]]:
    folder = paths.checkpoints_folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            found = path.stat()
        except OSError:  # another process has just removed it
            continue
        yield path, found.st_size, found.st_mtime
