"""One coordinator at a study, also where several machines keep its trials in one database: a lease with a heartbeat.

Machines' clocks are not compared. A lease is stale where its holder has certainly ended, or its heartbeat, a counter,
has not moved while somebody watched for :data:`STALE_SECONDS`.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.base import interrupts
from harness.base.errors import BadInput
from harness.base.messages import Say
from harness.base.process import HOST, PROCESS, is_gone, this_process
from harness.study.trial_storage import trials_database
from harness.track.database import Database

if TYPE_CHECKING:
    from sqlalchemy import Engine

BEAT_SECONDS = 4.0
STALE_SECONDS = 20.0
LOOK_SECONDS = 0.5
TABLE = "harness_lease"


class TakenOver(BadInput):
    """Another process works on the study: nothing in it is this one's any more."""


@contextmanager
def leased(study: str, url: str | None, say: Say) -> Iterator[Callable[[], None]]:
    """Inside, this process holds the study's lease; what is yielded raises TakenOver where it does no longer.

    Args:
        url: of the database that trials are kept in; None: the one in the home folder, of which ``alone`` takes care
        say: told where an old holder is waited for

    Raises:
        BadInput: where another process holds it.
        Unavailable: where the database cannot be written.
    """
    from sqlalchemy.exc import SQLAlchemyError

    if url is None:
        yield lambda: None
        return
    database = trials_database(url)
    lease = _Lease(study, database, say)
    try:
        lease.take()
    except SQLAlchemyError as error:
        raise database.unusable(error) from error
    beating = Thread(target=lease.beat, name="lease", daemon=True)
    beating.start()
    try:
        yield lease.check
    finally:
        lease.over.set()
        beating.join()
        lease.give_back()


class _Row(NamedTuple):
    holder: str
    beats: int

    @property
    def process(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads(self.holder)
        return found

    def __str__(self) -> str:
        return f"process {self.process.get(PROCESS, '?')} on {self.process.get(HOST, '?')}"


class _Lease:
    """A row of the table: the study, its holder, and how often that has said that it is there."""

    def __init__(self, study: str, database: Database, say: Say) -> None:
        from sqlalchemy import Column, Integer, MetaData, String, Table, Text, create_engine

        self._study, self._say = study, say
        self._engine: Engine = create_engine(database.bounded, pool_pre_ping=True)
        self._table = Table(
            TABLE,
            MetaData(),
            Column("study", String(200), primary_key=True),
            Column("holder", Text, nullable=False),
            Column("beats", Integer, nullable=False),
        )
        self._own = json.dumps(this_process() | {"token": secrets.token_hex(8)})
        self._lost = False
        self._beaten_at = time.time()
        self.over = Event()

    @interrupts.unbroken()
    def take(self) -> None:
        """Insert the row, or take it over where it is stale."""
        self._make_table()
        while not self._insert():
            row = self._row()
            if row is not None and self._stale(row) and self._write({"holder": self._own, "beats": 0}, row):
                return

    def beat(self) -> None:
        """Say that this process is there, until :attr:`over` is set or somebody else holds the lease."""
        while not self._lost and not self.over.wait(BEAT_SECONDS):
            self._beat_once()

    def _beat_once(self) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        with suppress(SQLAlchemyError):  # a server that restarts: next time; for good: the search itself says so
            self._lost = not self._write({"beats": self._table.c.beats + 1})
            self._beaten_at = time.time()

    def check(self) -> None:
        """Raise TakenOver where the lease is lost; the database is asked where this process may have been asleep."""
        if not self._lost and time.time() - self._beaten_at > 2 * BEAT_SECONDS:
            self._beat_once()
        if self._lost:
            holder = self._row() or "another process"
            raise TakenOver(f"study {self._study} has been taken over by {holder}: this one had been silent")

    @interrupts.unbroken()
    def give_back(self) -> None:
        """Remove the row, if it is still this process's; where the database does not answer, it will be stale soon."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.begin() as connection:
                connection.execute(self._table.delete().where(self._is_of(self._own)))
        except SQLAlchemyError as error:
            self._say(f"warning: the lease of study {self._study} could not be given back: {type(error).__name__}")
        self._engine.dispose()

    def _make_table(self) -> None:
        from sqlalchemy import inspect
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._table.create(self._engine, checkfirst=True)
        except SQLAlchemyError:
            if not inspect(self._engine).has_table(TABLE):  # another process may have made it at the same time
                raise

    def _insert(self) -> bool:
        from sqlalchemy.exc import IntegrityError

        try:
            with self._engine.begin() as connection:
                connection.execute(self._table.insert().values(study=self._study, holder=self._own, beats=0))
        except IntegrityError:
            return False
        return True

    def _stale(self, row: _Row) -> bool:
        """Whether the holder is there no more; watched for a while where that cannot be known otherwise.

        Raises:
            BadInput: where it is there.
        """
        if is_gone(row.process):
            return True
        self._say(f"study {self._study} is held by {row}: waiting up to {STALE_SECONDS:.0f} s for a sign of it")
        deadline = time.monotonic() + STALE_SECONDS
        while time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            interrupts.check()
            now = self._row()
            if now is None:
                return False
            if now != row:
                raise BadInput(f"study {self._study} is running in {now}: wait for it, or choose another seed")
        return True

    def _row(self) -> _Row | None:
        with self._engine.begin() as connection:
            found = connection.execute(self._table.select().where(self._table.c.study == self._study)).one_or_none()
        return None if found is None else _Row(found.holder, found.beats)

    def _write(self, values: Mapping[str, Any], before: _Row | None = None) -> bool:
        """Change the row of this process, or another one's as long as it is what it was ``before``."""
        same = self._is_of(self._own) if before is None else self._is_of(before.holder)
        if before is not None:
            same &= self._table.c.beats == before.beats
        with self._engine.begin() as connection:
            return bool(connection.execute(self._table.update().where(same).values(**values)).rowcount)

    def _is_of(self, holder: str) -> Any:
        return (self._table.c.study == self._study) & (self._table.c.holder == holder)
