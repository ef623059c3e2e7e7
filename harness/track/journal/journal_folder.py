"""All journals of one store on this machine, and who is at work with them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from harness.base import paths
from harness.base.errors import BadInput
from harness.track.journal.checked_lines import Entry
from harness.track.journal.journal_file import Journal
from harness.track.journal.journal_view import View, views
from harness.track.uri import StoreUri

SESSIONS, ADDRESS = "sessions", "address"


class JournalFolder:
    """The folder of a store's journals, made when the first of them begins; the store's password is not kept."""

    def __init__(self, uri: StoreUri) -> None:
        self.place = paths.journals_folder() / hashlib.sha256(str(uri).encode()).hexdigest()[:16]
        self._address = str(uri)
        self._known: dict[str, Journal] = {}
        self._session = FileLock(self.place / SESSIONS / f"{os.getpid()}-{uuid4().hex}", thread_local=False)

    def begin(self, first: Entry) -> Journal:
        """A new journal of this process's.

        Raises:
            BadInput: where the home folder cannot be written.
        """
        try:
            (self.place / SESSIONS).mkdir(parents=True, exist_ok=True)
            (self.place / ADDRESS).write_text(f"{self._address}\n", encoding="utf-8")
            if not self._session.is_locked:
                self._session.acquire()
            journal = Journal.begin(self.place, first)
        except OSError as error:
            found = f"home folder {paths.home()} cannot be written: {error.strerror or error}"
            raise BadInput(f"{found}; another one: --home FOLDER or {paths.HOME_VARIABLE}") from None
        self._known[journal.folder.name] = journal
        return journal

    def journals(self) -> list[Journal]:
        """All that are there, oldest first."""
        names = sorted(path.name for path in _inside(self.place) if path.name[0].isdigit())
        for gone in self._known.keys() - set(names):
            del self._known[gone]
        return [self._known.setdefault(name, Journal(self.place / name)) for name in names]

    def waiting(self) -> list[Journal]:
        """Those that the store does not have to their end."""
        return [journal for journal in self.journals() if not journal.progress.done]

    def views(self) -> list[View]:
        """The runs that journals speak of, oldest first."""
        return views(self.journals())

    def others_at_work(self) -> bool:
        """Whether another process that lives records to this store: it has answered a while ago."""
        return next(self._other_sessions(), None) is not None

    def tidy(self) -> None:
        """Remove what has been sent, unless another process may still read it; this one's work is done."""
        if self._session.is_locked:
            self._session.release(force=True)  # several threads may have begun a journal at once
            Path(self._session.lock_file).unlink(missing_ok=True)
        if self.others_at_work():
            return
        for journal in self.journals():
            if journal.progress.done:
                journal.remove()

    def _other_sessions(self) -> Iterator[Path]:
        for file in _inside(self.place / SESSIONS):
            if self._session.is_locked and file == Path(self._session.lock_file):
                continue
            lock = FileLock(file, thread_local=False)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                yield file
                continue
            file.unlink(missing_ok=True)
            lock.release()


def folders_with_work(but: Path | None) -> list[tuple[str, int]]:
    """Of other stores than the one whose folder is ``but``: address and number of journals that wait."""
    found = []
    place = paths.journals_folder()
    for folder in sorted(_inside(place)):
        if folder != but and (folder / ADDRESS).is_file():
            journals = [Journal(path) for path in folder.iterdir() if path.name[0].isdigit()]
            if waiting := sum(not journal.progress.done for journal in journals):
                found.append(((folder / ADDRESS).read_text(encoding="utf-8").strip(), waiting))
    return found


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder that need not be there."""
    return list(folder.iterdir()) if folder.is_dir() else []
