"""What a full store costs: 1,000 runs recorded by four processes, and lookups among 10, 100 and 1,000 of them.

Each run has 20 metrics in 50 epochs, parameters and tags of a real spec, a data set and one small file; nothing is
trained. The database, the writers and an MLflow server are on one machine, whose cores bound how fast is written.

Lookups are made by a process that has the machine to itself. *Statements* are what it asks the database for, without
BEGIN and COMMIT. Milliseconds are medians on the clock; what finding a run reads is PostgreSQL's EXPLAIN (ANALYZE) and
SQLite's EXPLAIN QUERY PLAN and its count of steps, which do not depend on the machine. Runs beyond those recorded are
copies, made in the database, of one's row and tags.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import lookups
from benchmarks.databases import Database, OnPostgresql, OnSqlite, Plan
from benchmarks.table import Table
from benchmarks.timing import Step, in_turn
from benchmarks.writers import METRICS, Place, Writers, writers
from harness.base import paths
from harness.runs.context import Context
from harness.study.study_run import STUDY_TAG
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.spec_index import index_specs
from harness.track.uri import resolve_uri
from tests.mlflow_server import MlflowServer
from tests.postgresql_server import postgresql_server
from tests.sql_statements import statements

SIZES = (10, 100, 1_000)
COPIED = 100_000
WRITERS, EPOCHS = 4, 50
ROUNDS = 11
EXPERIMENT = "load"
NO_INDEX = "find_finished, no index"


@dataclass(frozen=True)
class Lookups:
    """Of each lookup, at one size of the store: seconds, statements (None: a server's), and how runs are found."""

    seconds: Mapping[str, float]
    statements: Mapping[str, int | None]
    plans: Mapping[str, Plan]


def tables() -> Iterator[Table]:
    """PostgreSQL, then SQLite with as little recorded as lookups need."""
    with tempfile.TemporaryDirectory() as name, postgresql_server() as server:
        home = Path(name)
        paths.choose_home(home)
        try:
            yield from _on_postgresql(OnPostgresql(server, "runs"), home)
            yield from _on_sqlite(OnSqlite(home / "runs.db"), home)
        finally:
            paths.choose_home(None)


def _on_postgresql(database: Database, home: Path) -> Iterator[Table]:
    place = _begun(database, home)
    recorded, found, before = [], [], 0
    with _served(home, database.address) as server:
        with writers(WRITERS, place) as four:
            for size in SIZES:
                recorded.append(_record(four, before, size))
                found.append(_look_up(database, server))
                before = size
        database.copy(before, COPIED)
        found.append(_look_up(database, server))
    columns = ("runs", "seconds", "seconds a run", "values a second", "statements a run")
    notes = [f"{WRITERS} processes; {len(METRICS)} metrics × {EPOCHS} epochs a run"]
    yield Table("Recording on PostgreSQL", columns, recorded, notes)
    yield from _shown(database, found)


def _on_sqlite(database: Database, home: Path) -> Iterator[Table]:
    place = _begun(database, home)
    with writers(1, place) as one:
        one.record(range(SIZES[0]), epochs=1)
    found = [_look_up(database)]
    for before, size in zip(SIZES, (*SIZES[1:], COPIED), strict=True):
        database.copy(before, size)
        found.append(_look_up(database))
    yield from _shown(database, found)


def _begun(database: Database, home: Path) -> Place:
    """A store with the study's run in it."""
    with MlflowTracker(resolve_uri(database.address), EXPERIMENT).start(
        "study", {}, {STUDY_TAG: lookups.STUDY}
    ) as study:
        return Place(database.address, EXPERIMENT, study.id, home)


def _record(four: Writers, before: int, size: int) -> list[str]:
    took, runs = four.record(range(before, size), EPOCHS), size - before
    speed = runs * len(METRICS) * EPOCHS / took.seconds
    each = (f"{took.seconds / runs:.3f}", f"{speed:,.0f}", f"{took.statements / runs:.0f}")
    return [f"{before:,} → {size:,}", f"{took.seconds:.1f}", *each]


def _look_up(database: Database, server: MlflowServer | None = None) -> Lookups:
    """Everything with the index, and some without."""
    context = _context(database.address)
    finding = lookups.finding(context)
    own = lookups.tagging(context) | finding | lookups.report(context) | lookups.page(database.address, EXPERIMENT)
    others: dict[str, Step] = {}
    if server is not None:
        through = lookups.finding(_context(f"http://127.0.0.1:{server.port}")) | lookups.page_through(
            server, EXPERIMENT
        )
        others = {f"by an MLflow server: {name}": step for name, step in through.items()}
    plans = {lookups.FIND: _plan(database, finding[lookups.FIND])}
    seconds = _medians(own | others)
    database.without_index()
    bare = {NO_INDEX: finding[lookups.FIND]} | lookups.finding_as_before(context)
    plans |= {name: _plan(database, step) for name, step in bare.items()}
    seconds |= _medians(bare)
    index_specs(database.address)
    counts = {name: len(_asked(step)) for name, step in (own | bare).items()}
    return Lookups(seconds, counts | dict.fromkeys(others), plans)


def _context(address: str) -> Context:
    return Context(MlflowTracker(resolve_uri(address), EXPERIMENT), offline=True)


def _medians(steps: Mapping[str, Step]) -> dict[str, float]:
    timings = in_turn(steps, ROUNDS)
    return {name: timings.median(name) for name in steps}


def _asked(step: Step) -> list[tuple[str, object]]:
    with statements() as asked:
        step()
    return asked


def _plan(database: Database, step: Step) -> Plan:
    return database.plan(*next(one for one in _asked(step) if "FROM runs JOIN" in one[0]))


def _shown(database: Database, found: Sequence[Lookups]) -> Iterator[Table]:
    sizes = (*SIZES, COPIED)
    columns = ("milliseconds", "statements", *(f"{size:,} runs" for size in sizes), f"{SIZES[-1]:,} / {SIZES[0]}")
    rows = []
    for name, first in found[0].seconds.items():
        counts = {one.statements[name] for one in found}
        times = [f"{1e3 * one.seconds[name]:.1f}" for one in found]
        asked = "not counted" if None in counts else ", ".join(sorted(map(str, counts)))
        rows.append([name, asked, *times, f"{found[len(SIZES) - 1].seconds[name] / first:.2f}"])
    yield Table(f"Looking up on {database.kind}", columns, rows, [f"medians of {ROUNDS}"])
    columns = (database.unit, *(f"{size:,} runs" for size in sizes), "indexes that are used")
    rows = []
    for name in found[0].plans:
        plans = [one.plans[name] for one in found]
        rows.append([name, *(f"{plan.read:,}" for plan in plans), "; ".join(dict.fromkeys(plan.by for plan in plans))])
    yield Table(f"What finding a run reads on {database.kind}", columns, rows)


@contextmanager
def _served(folder: Path, address: str) -> Iterator[MlflowServer]:
    server = MlflowServer(folder, address)
    server.start()
    try:
        yield server
    finally:
        server.stop()
