"""What only the MLflow tracker does: batches, limits, nested runs, data sets, artifacts, damaged stores."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from mlflow import MlflowClient

from harness.base.errors import BadInput, Unavailable
from harness.track import open_tracker
from harness.track.mlflow_private import alembic_config, opened, schema_versions
from harness.track.mlflow_run import MlflowRun
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri
from tests.sql_statements import statements


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "mlflow.db"


@pytest.fixture
def tracker(store: Path) -> MlflowTracker:
    return MlflowTracker(resolve_uri(f"sqlite:///{store}"))


@pytest.fixture
def client(tracker: MlflowTracker) -> MlflowClient:
    """MLflow's own, which looks at what was recorded."""
    return MlflowClient(tracking_uri=tracker.uri.text)


class Counting(MlflowClient):
    """A client that counts calls of ``log_batch`` and how many entries each wrote."""

    def __init__(self, uri: str) -> None:
        super().__init__(tracking_uri=uri)
        self.batches: list[int] = []

    def log_batch(self, run_id: str, metrics: Any = (), params: Any = (), tags: Any = (), **rest: Any) -> None:
        self.batches.append(len(metrics) + len(params) + len(tags))
        super().log_batch(run_id, metrics=metrics, params=params, tags=tags, **rest)


class LockedOnce(Counting):
    """A client whose first write meets another writer's."""

    def log_batch(self, *args: Any, **rest: Any) -> None:
        if not self.batches:
            self.batches.append(0)
            raise RuntimeError("(sqlite3.OperationalError) database is locked")
        super().log_batch(*args, **rest)


def test_metrics_are_written_in_batches_of_at_most_a_thousand(tracker: MlflowTracker, client: MlflowClient) -> None:
    counting = Counting(tracker.uri.text)
    with MlflowRun(counting, tracker.uri, tracker.start("batches", {}, {}).id) as run:
        for step in range(1, 24):
            run.log_metrics({f"group/{g}": step + g / 100 for g in range(100)}, step)
        run.log_metrics({f"final/{g}": 1.0 for g in range(1250)}, 24)
    assert counting.batches[:2] == [1000, 1000]
    assert sum(counting.batches) == 23 * 100 + 1250
    assert max(counting.batches) <= 1000
    history = client.get_metric_history(run.id, "group/7")
    assert [point.step for point in history] == list(range(1, 24))


def test_a_live_page_sees_progress_within_seconds(tracker: MlflowTracker, client: MlflowClient) -> None:
    run = tracker.start("live", {}, {})
    run.log_metrics({"loss": 3.0}, step=1)
    assert client.get_run(run.id).data.metrics == {}
    run = MlflowRun(client, tracker.uri, run.id, flush_seconds=0.0)
    run.log_metrics({"loss": 2.0}, step=2)
    assert client.get_run(run.id).data.metrics == {"loss": 2.0}
    run.end("KILLED")


def test_more_than_a_hundred_parameters_and_tags(tracker: MlflowTracker, client: MlflowClient) -> None:
    params = {f"p{i}": i for i in range(205)}
    run = tracker.start("many", params, {f"t{i}": "x" for i in range(205)})
    run.end("FINISHED")
    data = client.get_run(run.id).data
    assert data.params == {name: str(value) for name, value in params.items()}
    assert data.tags["t204"] == "x"


def test_parameters_are_written_as_set_would_take_them(tracker: MlflowTracker, client: MlflowClient) -> None:
    run = tracker.start("params", {"ks": (10, 20), "on": True, "core": None, "text": "{title}"}, {})
    run.end("FINISHED")
    found = client.get_run(run.id).data.params
    assert found == {"ks": "[10, 20]", "on": "true", "core": "null", "text": "{title}"}


def test_nested_runs_and_readable_names(tracker: MlflowTracker, client: MlflowClient) -> None:
    parent = tracker.start("sensitivity", {}, {})
    child = tracker.start("trial 1", {}, {}, parent=parent.id)
    found = client.get_run(child.id)
    assert found.data.tags["mlflow.parentRunId"] == parent.id
    assert found.info.run_name == "trial 1"
    child.end("FINISHED")
    parent.end("FINISHED")


def test_data_set_and_artifacts_beside_the_database(
    tracker: MlflowTracker, client: MlflowClient, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "groups.csv").write_text("group\n")
    with tracker.start("files", {}, {}) as run:
        run.log_dataset("movielens-100k", "a" * 64, "https://example.org/ml.zip", "training", {"users": 938})
        run.log_artifacts(tmp_path, "tables")
    (given,) = client.get_run(run.id).inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.source_type) == ("movielens-100k", "http")
    assert json.loads(given.dataset.profile) == {"users": 938}
    assert [(tag.key, tag.value) for tag in given.tags] == [("mlflow.data.context", "training")]
    assert [file.read_text() for file in (store.parent / "artifacts").rglob("groups.csv")] == ["group\n"]


def test_an_open_transaction_of_another_writer_is_waited_for(tracker: MlflowTracker, client: MlflowClient) -> None:
    run = MlflowRun(LockedOnce(tracker.uri.text), tracker.uri, tracker.start("locked", {}, {}).id)
    run.set_tags({"a": "b"})
    run.end("FINISHED")
    assert client.get_run(run.id).data.tags["a"] == "b"


def test_a_deleted_experiment_is_one_line(tracker: MlflowTracker, client: MlflowClient) -> None:
    MlflowTracker(tracker.uri, "gone").start("a", {}, {}).end("FINISHED")
    client.delete_experiment(client.get_experiment_by_name("gone").experiment_id)
    with pytest.raises(Unavailable, match="experiment 'gone' was deleted"):
        MlflowTracker(tracker.uri, "gone")


# --- stores that cannot be used ---


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="file is not a database"):
        open_tracker(f"sqlite:///{file}")
    assert file.read_bytes() == b"this is no database" * 100


def test_a_damaged_database(store: Path, tracker: MlflowTracker, tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    content = bytearray(store.read_bytes())
    content[100:8192] = b"\xff" * 8092
    file.write_bytes(content)
    with pytest.raises(Unavailable, match="malformed"):
        open_tracker(f"sqlite:///{file}")


def test_a_database_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE letters (a)")
    database.close()
    with pytest.raises(Unavailable, match="not of MLflow"):
        open_tracker(f"sqlite:///{file}")


def test_a_database_of_a_newer_mlflow_is_kept(store: Path, tracker: MlflowTracker, tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(store.read_bytes())
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    database.close()
    before = file.read_bytes()
    with pytest.raises(Unavailable, match="ffffffffffff"):
        open_tracker(f"sqlite:///{file}")
    assert file.read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))


def test_a_database_of_an_older_mlflow_is_kept_aside_and_upgraded(tmp_path: Path) -> None:
    from alembic import command
    from mlflow.store.tracking.dbmodels.initial_models import Base

    file = tmp_path / "mlflow.db"
    previous, address = schema_versions()[1], f"sqlite:///{file}"
    config = alembic_config(address)
    with opened(address) as engine:
        Base.metadata.create_all(engine)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, previous)
    with open_tracker(f"sqlite:///{file}").start("a", {}, {"spec": "old"}):
        pass
    assert (tmp_path / f"mlflow.db.before-{previous}").is_file()


def test_a_folder_in_the_place_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"(?i)not a directory|exists"):
        open_tracker(f"sqlite:///{tmp_path}/file/mlflow.db")
    with pytest.raises(Unavailable, match="unable to open"):
        open_tracker(f"sqlite:///{tmp_path}")


def test_a_server_that_nobody_runs() -> None:
    with pytest.raises(Unavailable, match=r"http://127.0.0.1:9 .*--tracking-uri"):
        open_tracker("http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("file:///tmp/mlruns", "no longer writes folders"),
        ("./mlruns", "no longer writes folders"),
        ("sqlite://", "name a database file"),
        ("sqlite:///:memory:", "name a database file"),
        ("ftp://host/x", "unknown kind of address"),
        ("http://", "no host"),
        ("http://host:port", "ort"),
    ],
)
def test_addresses_that_are_none(uri: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        resolve_uri(uri)


def test_a_password_is_never_shown() -> None:
    uri = resolve_uri("postgresql+psycopg://me:secret@db.example.org/mlflow")
    assert str(uri) == "postgresql+psycopg://me:***@db.example.org/mlflow"
    assert uri.database is not None
    assert (uri.database.url.host, uri.database.url.password) == ("db.example.org", "secret")
    assert "secret" in uri.text


def test_a_password_of_a_server_stays_hidden_in_what_mlflow_says() -> None:
    with pytest.raises(Unavailable, match=r"http://me:\*\*\*@127.0.0.1:9") as caught:
        open_tracker("http://me:secret@127.0.0.1:9")
    assert "secret" not in str(caught.value)


def test_runs_that_log_the_same_data_at_once(tracker: MlflowTracker, client: MlflowClient) -> None:
    runs = [tracker.start(f"run {n}", {}, {}) for n in range(4)]
    barrier = Barrier(len(runs))

    def log(run: Any, digest: str) -> None:
        barrier.wait()
        run.log_dataset("data", digest, "local", "training", {})

    with ThreadPoolExecutor(len(runs)) as pool:
        for digest in ("a", "b", "c", "d"):
            list(pool.map(log, runs, [digest] * len(runs)))
    for run in runs:
        logged = client.get_run(run.id).inputs.dataset_inputs
        assert sorted(entry.dataset.digest for entry in logged) == ["a", "b", "c", "d"]


def test_flag_then_variable_then_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert resolve_uri(None).file == tmp_path / "mlflow" / "mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/variable.db")
    assert resolve_uri(None).file == tmp_path / "variable.db"
    assert resolve_uri(f"sqlite:///{tmp_path}/flag.db").file == tmp_path / "flag.db"
    monkeypatch.chdir(tmp_path)
    assert resolve_uri("sqlite:///relative.db").text == f"sqlite:///{tmp_path}/relative.db"


# --- reading back ---


def test_children_in_the_order_of_their_start(tracker: MlflowTracker) -> None:
    parent = tracker.start("study", {}, {})
    begun = [tracker.start(str(number), {}, {}, parent=parent.id).id for number in range(5)]
    assert [child.id for child in tracker.children(parent.id)] == begun


def test_a_database_is_asked_for_all_curves_at_once(tracker: MlflowTracker, client: MlflowClient) -> None:
    from harness.track.mlflow_histories import read_histories

    names = [f"train/group_weight/{group}" for group in range(120)]
    with tracker.start("curves", {}, {}) as run:
        for step in range(1, 4):
            run.log_metrics({name: step + group / 1000 for group, name in enumerate(names)}, step)
    with statements() as asked:
        curves, _ = read_histories(client, run.id, names, {})
    assert curves == {name: [(step, step + group / 1000) for step in (1, 2, 3)] for group, name in enumerate(names)}
    assert sum("FROM metrics" in statement for statement, _ in asked) == 1


def test_without_a_database_the_client_is_asked_for_each_curve(tracker: MlflowTracker, client: MlflowClient) -> None:
    from harness.track.mlflow_histories import from_client, read_histories

    with tracker.start("curves", {}, {}) as run:
        for step in (1, 2):
            run.log_metrics({"loss": 1 / step, "cv": 0.5}, step)
    asked = {"loss", "cv", "never"}
    found = from_client(client, run.id, asked)
    assert found == {"loss": [(1, 1.0), (2, 0.5)], "cv": [(1, 0.5), (2, 0.5)], "never": []}
    assert (found, True) == read_histories(client, run.id, asked, {})
