"""All journals of one store on this machine, and who is at work with them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from filelock import Timeout

from harness.base import paths
from harness.base.sealed import write_whole
from harness.base.sharing import lock, make_folder
from harness.base.writable import written_into_home
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
        self._session = lock(self.place / SESSIONS / f"{os.getpid()}-{uuid4().hex}", thread_local=False)

    def begin(self, first: Entry) -> Journal:
        """A new journal of this process's.

        Raises:
            DiskFull, BadInput: where the home folder cannot be written.
        """
        with written_into_home(self.place):
            make_folder(self.place / SESSIONS)
            write_whole(self.place / ADDRESS, f"{self._address}\n".encode())
            if not self._session.is_locked:
                self._session.acquire()
            journal = Journal.begin(self.place, first)
        self._known[journal.folder.name] = journal
        return journal

    def journals(self) -> list[Journal]:
        """All of this account's that are there, oldest first; in a shared home others may have theirs."""
        names = sorted(path.name for path in _inside(self.place) if path.name[0].isdigit() and os.access(path, os.X_OK))
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
            other = lock(file, thread_local=False)
            try:
                other.acquire(timeout=0)
            except Timeout:
                yield file
                continue
            except OSError:  # another account's, which tidies up itself
                continue
            file.unlink(missing_ok=True)
            other.release()


def folders_with_work(but: Path | None) -> list[tuple[str, int]]:
    """Of other stores than the one whose folder is ``but``: address and number of journals that wait."""
    found = []
    place = paths.journals_folder()
    for folder in sorted(_inside(place)):
        if folder != but and (folder / ADDRESS).is_file():
            journals = [
                Journal(path) for path in folder.iterdir() if path.name[0].isdigit() and os.access(path, os.X_OK)
            ]
            if waiting := sum(not journal.progress.done for journal in journals):
                found.append(((folder / ADDRESS).read_text(encoding="utf-8").strip(), waiting))
    return found


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder that need not be there."""
    return list(folder.iterdir()) if folder.is_dir() else []
