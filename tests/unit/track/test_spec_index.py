"""Runs of a spec are found by an index, however many others a store has."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from harness.track.mlflow_private import alembic_config, opened, schema_versions
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.spec_index import INDEX
from harness.track.uri import resolve_uri
from tests.sql_statements import statements

HAS_IT = f"SELECT tbl_name FROM sqlite_master WHERE name = '{INDEX}' AND type = 'index'"
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
    return MlflowTracker(resolve_uri(f"sqlite:///{file}"))


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
    ((statement, parameters),) = [one for one in asked if "FROM runs JOIN" in one[0]]
    with sqlite3.connect(file) as database:
        lines = database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
    database.close()
    return "\n".join(line[-1] for line in lines)


@pytest.mark.parametrize("spec", ["spec 3", "none"])
def test_the_database_looks_into_the_index(store: Path, spec: str) -> None:
    tracker = tracker_of(store)
    with statements() as asked:
        found = tracker.find_finished({"spec": spec, **COMMON})
    assert (found is None) == (spec == "none")
    assert f"SEARCH tags USING INDEX {INDEX} (value=?)" in plan(store, asked)


def test_it_is_asked_as_often_and_the_same_whatever_it_holds(file: Path) -> None:
    tracker = tracker_of(file)
    asked = []
    for more in (0, 20):
        record(tracker, more)
        with statements() as few:
            assert tracker.find_finished({"spec": "spec 3", **COMMON}) is not None
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
    tracker = tracker_of(file)
    with statements() as asked:
        found = tracker.find_finished({"spec": "spec 1", **COMMON})
    assert found is not None
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
    tracker = tracker_of(file)  # upgrades it
    with statements() as asked:
        assert tracker.find_finished({"spec": "spec 3", **COMMON}) is not None
    assert INDEX in plan(file, asked)
