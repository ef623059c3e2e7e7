"""What a full store costs: 1,000 runs recorded by four processes, and lookups among 10, 100 and 1,000 of them.

Each run has 20 metrics in 50 epochs, parameters and tags of a real spec, a data set and one small file; nothing is
trained. The database and the writers are on one machine, whose cores bound how fast is written.

Lookups are made by one process while nothing is recorded, in copies of the database from when it had so many runs, in
turn. *Statements* are what it asks the database for, without BEGIN and COMMIT. Milliseconds and ratios are medians on
the clock; what finding a run reads is PostgreSQL's EXPLAIN (ANALYZE) and SQLite's EXPLAIN QUERY PLAN and its count of
steps, which do not depend on the machine. Runs beyond those recorded are copies of one's row and tags.
"""

import statistics
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
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
from harness.track.uri import resolve_uri
from tests.mlflow_server import MlflowServer
from tests.postgresql_server import PostgresqlServer, postgresql_server
from tests.sql_statements import statements

SIZES = (10, 100, 1_000)
COPIED = 100_000
WRITERS, EPOCHS = 4, 50
ROUNDS = 7
EXPERIMENT = "load"


def tables() -> Iterator[Table]:
    """PostgreSQL, then SQLite with as little recorded as lookups need."""
    with tempfile.TemporaryDirectory() as name, postgresql_server() as server:
        home = Path(name)
        paths.choose_home(home)
        try:
            yield from _on_postgresql(server, home)
            yield from _on_sqlite(home)
        finally:
            paths.choose_home(None)


def _on_postgresql(server: PostgresqlServer, home: Path) -> Iterator[Table]:
    server.fresh("runs")
    database: Database = OnPostgresql(server, "runs")
    recorded, stores, before = [], {}, 0
    with writers(WRITERS, _begun(database, home)) as four:
        for size in SIZES:
            recorded.append(_record(four, before, size))
            stores[size], before = database.snapshot(f"runs_{size}"), size
    columns = ("runs", "seconds", "seconds a run", "values a second", "statements a run")
    notes = [f"{WRITERS} processes; {len(METRICS)} metrics × {EPOCHS} epochs a run"]
    yield Table("Recording on PostgreSQL", columns, recorded, notes)
    database.copy(before, COPIED)
    stores[COPIED] = database
    for store in stores.values():
        store.ask("ANALYZE")
    with ExitStack() as stack:
        ends = {size: stack.enter_context(_served(home, stores[size].address)) for size in (SIZES[0], SIZES[-1])}
        yield from _lookups(stores, ends)


def _on_sqlite(home: Path) -> Iterator[Table]:
    database: Database = OnSqlite(home / "runs.db")
    with writers(1, _begun(database, home)) as one:
        one.record(range(SIZES[0]), epochs=1)
    stores, before = {SIZES[0]: database.snapshot(f"runs_{SIZES[0]}")}, SIZES[0]
    for size in (*SIZES[1:], COPIED):
        database.copy(before, size)
        stores[size], before = database.snapshot(f"runs_{size}"), size
    yield from _lookups(stores, {})


def _begun(database: Database, home: Path) -> Place:
    """A store with the study's run in it."""
    tracker = MlflowTracker(resolve_uri(database.address), EXPERIMENT)
    with tracker.start("study", {}, {STUDY_TAG: lookups.STUDY}) as study:
        return Place(database.address, EXPERIMENT, study.id, home)


def _record(four: Writers, before: int, size: int) -> list[str]:
    took, runs = four.record(range(before, size), EPOCHS), size - before
    speed = runs * len(METRICS) * EPOCHS / took.seconds
    each = (f"{took.seconds / runs:.3f}", f"{speed:,.0f}", f"{took.statements / runs:.0f}")
    return [f"{before:,} → {size:,}", f"{took.seconds:.1f}", *each]


def _lookups(stores: Mapping[int, Database], servers: Mapping[int, MlflowServer]) -> Iterator[Table]:
    """Everything with the index, and some without."""
    contexts = {size: _context(store.address) for size, store in stores.items()}
    own = {size: _own(stores[size].address, context) for size, context in contexts.items()}
    through = {size: _through(server) for size, server in servers.items()}
    rows = _measured(own) + _measured(through, counted=False)
    finding = {size: {lookups.FIND: steps[lookups.FIND]} for size, steps in own.items()}
    reading = _reading(stores, finding)
    for store in stores.values():
        store.without_index()
    bare = {
        size: {f"{lookups.FIND}, no index": finding[size][lookups.FIND]} | lookups.finding_as_before(context)
        for size, context in contexts.items()
    }
    rows += _measured(bare)
    reading += _reading(stores, bare)
    kind, unit = stores[COPIED].kind, stores[COPIED].unit
    sizes = [f"{size:,} runs" for size in stores]
    columns = ("milliseconds", "statements", *sizes, f"{SIZES[-1]:,} / {SIZES[0]}")
    notes = [
        f"medians of {ROUNDS}; what has no index is measured after the rest",
        "the page shows all runs up to its size",
    ]
    yield Table(f"Looking up on {kind}", columns, rows, notes)
    yield Table(f"What finding a run reads on {kind}", (unit, *sizes, "indexes that are used"), reading)


def _context(address: str) -> Context:
    return Context(MlflowTracker(resolve_uri(address), EXPERIMENT), offline=True)


def _own(address: str, context: Context) -> dict[str, Step]:
    found = lookups.tagging(context) | lookups.finding(context)
    return found | lookups.report(context) | lookups.page(address, EXPERIMENT)


def _through(server: MlflowServer) -> dict[str, Step]:
    found = lookups.finding(_context(f"http://127.0.0.1:{server.port}")) | lookups.page_through(server, EXPERIMENT)
    return {f"by an MLflow server: {name}": step for name, step in found.items()}


def _measured(steps: Mapping[int, Mapping[str, Step]], counted: bool = True) -> list[list[str]]:
    """A row of each lookup: the same one at all sizes stands beside itself in every round."""
    if not steps:
        return []
    names = list(steps[SIZES[0]])
    timings = in_turn({f"{name} {size}": steps[size][name] for name in names for size in steps}, ROUNDS)
    rows = []
    for name in names:
        counts = sorted({len(_asked(steps[size][name])) for size in steps}) if counted else ["not counted"]
        seconds = {size: timings.seconds[f"{name} {size}"] for size in steps}
        times = [
            f"{1e3 * statistics.median(seconds[size]):.1f}" if size in seconds else "" for size in (*SIZES, COPIED)
        ]
        ratios = (more / less for more, less in zip(seconds[SIZES[-1]], seconds[SIZES[0]], strict=True))
        rows.append([name, ", ".join(map(str, counts)), *times, f"{statistics.median(ratios):.2f}"])
    return rows


def _reading(stores: Mapping[int, Database], steps: Mapping[int, Mapping[str, Step]]) -> list[list[str]]:
    rows = []
    for name in steps[SIZES[0]]:
        plans = [_plan(store, steps[size][name]) for size, store in stores.items()]
        rows.append([name, *(f"{plan.read:,}" for plan in plans), "; ".join(dict.fromkeys(plan.by for plan in plans))])
    return rows


def _plan(database: Database, step: Step) -> Plan:
    return database.plan(*next(one for one in _asked(step) if "FROM runs JOIN" in one[0]))


def _asked(step: Step) -> list[tuple[str, object]]:
    with statements() as asked:
        step()
    return asked


@contextmanager
def _served(folder: Path, address: str) -> Iterator[MlflowServer]:
    server = MlflowServer(folder, address)
    server.start()
    try:
        yield server
    finally:
        server.stop()
