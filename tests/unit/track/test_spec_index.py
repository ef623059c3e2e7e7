"""Runs of a spec are found by an index, however many others a store has."""

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.track.client_records import ClientRecords
from harness.track.file_records import question
from harness.track.mlflow_private import alembic_config, opened, schema_versions
from harness.track.mlflow_store import open_client
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.protocol import RecordedRun
from harness.track.records import Wanted
from harness.track.spec_index import INDEX
from harness.track.uri import resolve_uri
from tests.sql_statements import statements

HAS_IT = f"SELECT tbl_name FROM sqlite_master WHERE name = '{INDEX}' AND type = 'index'"
NAME = "specs"
COMMON = {"code": "c", "device": "cpu", "evaluated": "test"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With five runs of different specs."""
    file = tmp_path_factory.mktemp("store") / "mlflow.db"
    record(tracker_of(file), 5)
    return file


@pytest.fixture
def file(store: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    copy = tmp_path / "mlflow.db"
    copy.write_bytes(store.read_bytes())
    return copy


def tracker_of(file: Path) -> MlflowTracker:
    """Ready to record, so that its client has opened the store."""
    tracker = MlflowTracker(resolve_uri(f"sqlite:///{file}"), NAME)
    tracker.make_ready()
    return tracker


def found_by_client(file: Path, tags: Mapping[str, str]) -> list[RecordedRun]:
    """As a server finds runs."""
    client = open_client(resolve_uri(f"sqlite:///{file}"))
    return list(ClientRecords(client, NAME, str(file)).search(Wanted(tags, "FINISHED")))


def record(tracker: MlflowTracker, runs: int) -> None:
    for _ in range(runs):
        with tracker.start("run", {}, {"spec": f"spec {len(tracker.all_finished({}))}", **COMMON}) as run:
            run.log_metrics({"ndcg": 0.5}, 1)


def change(file: Path, statement: str) -> list[Any]:
    with sqlite3.connect(file) as database:
        found = database.execute(statement).fetchall()
    database.close()
    return found


def plan(file: Path, asked: list[tuple[str, Any]]) -> str:
    """How SQLite finds the runs."""
    ((statement, parameters),) = [one for one in asked if re.search(r"FROM runs (JOIN|WHERE)", one[0])]
    with sqlite3.connect(file) as database:
        lines = database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    database.close()
    return "\n".join(line[-1] for line in lines)


@pytest.mark.parametrize("spec", ["spec 3", "none"])
def test_the_database_looks_into_the_index(store: Path, spec: str) -> None:
    with statements() as asked:
        found = found_by_client(store, {"spec": spec})
    assert (not found) == (spec == "none")
    assert f"SEARCH tags USING INDEX {INDEX} (value=?)" in plan(store, asked)


def test_so_it_does_where_the_file_is_read_directly(store: Path) -> None:
    asked = question(Wanted({"spec": "spec 3"}, "FINISHED"), "1")
    assert f"SEARCH tags USING INDEX {INDEX} (value=?)" in plan(store, [asked])


def test_it_is_asked_as_often_and_the_same_whatever_it_holds(file: Path) -> None:
    tracker = tracker_of(file)
    asked = []
    for more in (0, 20):
        record(tracker, more)
        with statements() as few:
            assert len(found_by_client(file, {"spec": "spec 3"})) == 1
        asked.append([statement for statement, _ in few])
    assert asked[0] == asked[1]


def test_a_store_that_lacks_it_gets_it_when_it_is_opened(file: Path) -> None:
    change(file, f"DROP INDEX {INDEX}")
    tracker = tracker_of(file)
    assert tracker.find_finished({"spec": "spec 1", **COMMON}) is not None
    assert change(file, HAS_IT) == [("tags",)]


def test_a_store_that_cannot_have_it_is_asked_without(file: Path) -> None:
    change(file, f"DROP INDEX {INDEX}")
    change(file, f"CREATE TABLE {INDEX} (a)")  # its name is somebody else's
    with statements() as asked:
        (found,) = found_by_client(file, {"spec": "spec 1"})
    assert found.tags["spec"] == "spec 1"
    assert INDEX not in plan(file, asked)


def test_migrations_of_mlflow_take_it_along(file: Path) -> None:
    from alembic import command, op
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    address = f"sqlite:///{file}"
    config = alembic_config(address)
    with opened(address) as engine, engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, schema_versions()[1])
    with opened(address) as engine, engine.begin() as connection:
        made_anew = Operations.context(MigrationContext.configure(connection))
        with made_anew, op.batch_alter_table("tags", recreate="always"):  # what SQLite has no statement for is done so
            pass
    assert change(file, HAS_IT) == [("tags",)]
    with statements() as asked:
        assert len(found_by_client(file, {"spec": "spec 3"})) == 1  # upgrades it first
    assert INDEX in plan(file, asked)
