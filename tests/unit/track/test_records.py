"""A store's file read directly says what MLflow's client says of it, in the same order."""

import math
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric

from harness.base.errors import Unavailable
from harness.track.client_records import ClientRecords
from harness.track.file_records import FileRecords, is_readable
from harness.track.mlflow_private import schema_versions
from harness.track.mlflow_schema import newest_schema
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.records import Records, Wanted, local_folder
from harness.track.uri import resolve_uri

NAME = "both"
HEAVY = {"spec": "a", "side": 'it\'s "quoted"', "percent_%": "100 %_"}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of every status, deleted ones, children, and those of another experiment."""
    file = tmp_path_factory.mktemp("store ?%") / "mlflow.db"
    tracker = MlflowTracker(resolve_uri(f"sqlite:///{file}"), NAME)
    parent = tracker.start("parent", {}, {"spec": "study"})
    for number, status in enumerate(("FINISHED", "FAILED", "KILLED", "FINISHED", "RUNNING", "FINISHED")):
        spec = "ab"[number % 2]
        run = tracker.start(f"run {spec}", {"eta": 0.1}, {**HEAVY, "spec": spec}, parent=parent.id)
        run.log_metrics({"test/cv/genre@20": number / 7, "loss": -1e308}, step=1)
        run.log_metrics({"test/cv/genre@20": number / 3}, step=4)
        if status != "RUNNING":
            run.end(status)  # type: ignore[arg-type]
    tracker.discard(tracker.called("run a")[-1])
    other = MlflowTracker(tracker.uri, "other")
    other.start("run a", {}, HEAVY).end("FINISHED")
    client = MlflowClient(tracking_uri=tracker.uri.text)
    odd = tracker.start("odd", {}, {"spec": "odd"})
    client.log_batch(odd.id, metrics=[Metric("nan", math.nan, 1, 1), Metric("inf", math.inf, 1, 1)])
    odd.end("FINISHED")
    return file


@pytest.fixture(scope="module")
def client(file: Path) -> MlflowClient:
    return MlflowClient(tracking_uri=resolve_uri(f"sqlite:///{file}").text)


@pytest.fixture(params=[1000, 2])
def by_client(request: pytest.FixtureRequest, client: MlflowClient) -> Records:
    """With pages that hold everything, and with small ones."""
    return ClientRecords(client, NAME, "the store", page=request.param)


@pytest.fixture
def by_file(file: Path) -> Records:
    assert is_readable(file)
    return FileRecords(file, NAME, "the store")


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("status", [None, "FINISHED", "RUNNING", "KILLED"])
@pytest.mark.parametrize("tags", [{}, {"spec": "a"}, {"spec": "b", "percent_%": "100 %_"}, {"spec": "none"}])
def test_searches(
    by_client: Records, by_file: Records, tags: dict[str, str], status: str | None, newest_first: bool
) -> None:
    wanted = Wanted(tags, status, newest_first, at_once=3)
    found = list(by_file.search(wanted))
    assert repr(found) == repr(list(by_client.search(wanted)))  # a NaN is no other, but is written like it
    assert all(tags.items() <= run.tags.items() for run in found)


def test_children_of_a_run_are_all_but_the_removed_one(by_client: Records, by_file: Records) -> None:
    (parent,) = by_file.called("parent")
    wanted = Wanted({"mlflow.parentRunId": parent}, newest_first=False)
    found = [run.id for run in by_file.search(wanted)]
    assert len(found) == 5
    assert found == [run.id for run in by_client.search(wanted)]


def test_names_and_beginnings_of_ids(by_client: Records, by_file: Records) -> None:
    (parent,) = by_file.called("parent")
    for text in ("run a", "run b", "RUN A", "run", "run_a", "%", parent, parent[:5], parent[:5].upper(), "'\""):
        assert by_file.called(text) == by_client.called(text), text
    assert len(by_file.called("run b")) == 3


def test_single_runs(by_client: Records, by_file: Records, client: MlflowClient) -> None:
    experiments = [found.experiment_id for found in client.search_experiments()]
    everywhere = [run.info.run_id for run in client.search_runs(experiments, run_view_type=3)]
    assert len(everywhere) == 9
    for run_id in (*everywhere, "f" * 32, "none"):
        assert repr(by_file.get(run_id)) == repr(by_client.get(run_id)), run_id


def test_numbers_that_are_none_or_endless(by_file: Records) -> None:
    (run,) = by_file.search(Wanted({"spec": "odd"}))
    assert math.isnan(run.metrics["nan"])
    assert run.metrics["inf"] > 1e308


def test_curves_and_places_of_files(by_client: Records, by_file: Records) -> None:
    for run in by_file.search(Wanted({})):
        keys = {"test/cv/genre_20", "loss", "never"}
        assert by_file.histories(run, keys) == by_client.histories(run, keys)
        assert by_file.artifacts(run.id) == by_client.artifacts(run.id)
        assert local_folder(by_file.artifacts(run.id)) is not None


def test_a_place_that_is_no_folder_of_this_machine() -> None:
    for address in ("mlflow-artifacts:/1/abc/artifacts", "s3://bucket/x", "file://elsewhere/x"):
        assert local_folder(address) is None


@pytest.mark.parametrize("kind", ["client", "file"])
def test_an_experiment_that_is_not_there_or_was_deleted(kind: str, file: Path, client: MlflowClient) -> None:
    def records(name: str) -> Records:
        return FileRecords(file, name, "S") if kind == "file" else ClientRecords(client, name, "S")

    assert records("never").experiment is None
    assert list(records("never").search(Wanted({}))) == []
    client.delete_experiment(client.create_experiment(f"gone {kind}"))
    with pytest.raises(Unavailable, match=rf"'gone {kind}' was deleted in S; .*--experiment"):
        _ = records(f"gone {kind}").experiment


def test_the_newest_version_of_tables_is_known_without_mlflow() -> None:
    assert newest_schema() == schema_versions()[0]


def test_tables_of_another_version_are_left_to_mlflow(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mlflow.db"
    for version in (schema_versions()[1], "ffffffffffff"):
        copy.write_bytes(file.read_bytes())
        with closing(sqlite3.connect(copy)) as database, database:
            database.execute("UPDATE alembic_version SET version_num = ?", (version,))
        assert not is_readable(copy)
    copy.write_bytes(b"")
    assert not is_readable(copy)


def test_a_file_that_has_gone_is_not_made_anew(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mlflow.db"
    copy.write_bytes(file.read_bytes())
    tracker = MlflowTracker(resolve_uri(f"sqlite:///{copy}"), NAME)
    (run,) = tracker.with_tags({"spec": "odd"})
    copy.unlink()
    with pytest.raises(Unavailable, match=r"mlflow\.db is not usable: .*unable to open"):
        tracker.finished(run.id)
    assert not copy.exists()
