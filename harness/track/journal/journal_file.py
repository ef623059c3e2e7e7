"""One journal: a folder with lines, copies of files, how much of it has been sent, and a lock that its owner holds."""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import Timeout

from harness.base import interrupts
from harness.base.errors import HarnessError, Unavailable
from harness.base.full_disk import disk_full
from harness.base.sealed import write_whole
from harness.base.sharing import lock
from harness.track.journal.checked_lines import Entry, line_of, read_lines, whole_lines, write_line

LOCAL = "local-"
"""What ids begin with that a store has not given."""
LINES, PROGRESS, LOCK, FILES = "lines", "sent.json", "lock", "files"
START, OF, METRICS, TAGS, DATASET, ARTIFACTS, RESUME, DISCARD, END = (
    *("start", "of", "metrics", "tags", "dataset", "artifacts", "resume", "discard", "end"),
)
"""Kinds of entries. A journal begins with ``start``, or with ``of`` where it goes on with a run that has begun."""


@dataclass(frozen=True)
class Progress:
    """How much of a journal the store has.

    Attributes:
        sent: lines
        run: the store's id
        tries: how often the store was asked to begin the run
        done: whether nothing will follow
        refused: why the store will never take it; empty: it may
    """

    sent: int = 0
    run: str = ""
    tries: int = 0
    done: bool = False
    refused: str = ""


class Journal:
    """A journal in ``folder``, whose name is the time of its beginning and a key of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder.name.partition("-")[2]
        self._lock = lock(folder / LOCK, thread_local=False)
        self._stream: FileIO | None = None
        self._lines = 0
        self._read: tuple[int, list[Entry]] = (-1, [])

    @classmethod
    def begin(cls, place: Path, first: Entry) -> "Journal":
        """A new journal of this process's; nobody sees it before its first entry is in it."""
        name = f"{time.time_ns()}-{LOCAL}{uuid4().hex}"
        making = place / f".{name}"
        making.mkdir(mode=0o700, parents=True)
        try:
            with FileIO(making / LINES, "wb") as stream:
                write_line(stream, 0, first)
            held = lock(making / LOCK, thread_local=False)
            held.acquire(timeout=0)
            making.rename(place / name)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        journal = cls(place / name)
        journal._lock, journal._lines = held, 1
        return journal

    def __repr__(self) -> str:
        return f"Journal({self.folder})"

    def append(self, kind: str, content: Any) -> None:
        """Write an entry; after the last one the file is on the disk, not only with the operating system.

        Raises:
            HarnessError: where it cannot be written; half of it may have been.
        """
        with interrupts.unbroken(), self._written():
            if self._stream is None:
                self._stream = FileIO(self.folder / LINES, "ab")
            write_line(self._stream, self._lines, {kind: content})
            self._lines += 1
            if kind in (END, DISCARD):
                os.fsync(self._stream.fileno())
                self._stream.close()
                self._stream = None

    def keep_files(self, source: Path, to: str) -> None:
        """Copy all files below a folder, and write which they are."""
        copied = self.folder / FILES / str(self._lines)
        sums = {}
        with self._written():
            try:
                for file in sorted(path for path in source.rglob("*") if path.is_file()):
                    name = file.relative_to(source).as_posix()
                    (copied / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, copied / name)
                    sums[name] = sum_of(copied / name)
            except BaseException:
                shutil.rmtree(copied, ignore_errors=True)
                raise
        self.append(ARTIFACTS, {"folder": str(self._lines), "to": to, "sums": sums})

    @contextmanager
    def _written(self) -> Iterator[None]:
        """What goes wrong becomes one line."""
        try:
            yield
        except OSError as error:
            if full := disk_full(error, self.folder):
                raise full from error
            raise HarnessError(f"journal {self.folder} cannot be written: {error.strerror or error}") from error

    def entries(self) -> list[Entry]:
        """All of them; read again only where some have been added.

        Raises:
            Unavailable: where it is damaged.
        """
        size = (self.folder / LINES).stat().st_size
        if size != self._read[0]:
            self._read = size, read_lines(self.folder / LINES)
        return self._read[1]

    @property
    def progress(self) -> Progress:
        file = self.folder / PROGRESS
        try:
            if (content := file.read_bytes()).startswith(b"{"):  # of an earlier version, without a checksum
                return Progress(**json.loads(content))
            (noted,) = read_lines(file)
            return Progress(**noted)
        except FileNotFoundError:
            return Progress()
        except (ValueError, TypeError, Unavailable):
            raise Unavailable(
                f"journal {self.folder}: {PROGRESS} is damaged: where its run is whole in the store, remove the folder"
            ) from None

    def keep(self, **changes: Any) -> Progress:
        """Note how far it has been sent."""
        progress = replace(self.progress, **changes)
        write_whole(self.folder / PROGRESS, line_of(0, asdict(progress)))
        return progress

    @property
    def owned(self) -> bool:
        """Whether this process writes or sends it."""
        return self._lock.is_locked

    def adopt(self) -> bool:
        """Own it, where nobody else does: its process has died. Half a line at its end is cut off."""
        if self.owned:
            return True
        try:
            self._lock.acquire(timeout=0)
        except (Timeout, OSError):  # it may have been removed meanwhile
            return False
        lines, size = whole_lines(self.folder / LINES)
        os.truncate(self.folder / LINES, size)
        self._lines = len(lines)
        return True

    def finish(self) -> None:
        """All has been sent: its files are the store's now."""
        self.keep(done=True)
        shutil.rmtree(self.folder / FILES, ignore_errors=True)
        self._lock.release()

    def let_go(self) -> None:
        """Own it no longer."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._lock.release()

    def remove(self) -> None:
        """Away with it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def closed(entries: Sequence[Entry]) -> bool:
    """Whether the last one is one that nothing follows."""
    return bool({END, DISCARD} & entries[-1].keys())


def sum_of(file: Path) -> str:
    """A file's checksum."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
