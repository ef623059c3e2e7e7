"""What is used of other libraries beneath their public interface: a version that moves it is named here."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from harness.study.optuna_private import still_open
from harness.track import open_tracker
from harness.track.mlflow_private import (
    alembic_config,
    database_of,
    make_tables,
    metrics_table,
    opened,
    schema_versions,
    upgrade,
)
from harness.track.recent_runs import recent_runs


@contextmanager
def still_there(library: str, interface: str, file: str) -> Iterator[None]:
    """Whatever is missing inside becomes one line that names library, version, interface and the file to mend."""
    try:
        yield
    except (ImportError, AttributeError, TypeError, AssertionError) as error:
        pytest.fail(f"{library} {version(library)} has moved {interface}: mend {file} ({error!r})", pytrace=False)


def of_mlflow(interface: str) -> Any:
    return still_there("mlflow", interface, "harness/track/mlflow_private.py")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with MLflow's tables."""
    folder = tmp_path_factory.mktemp("mlflow")
    address = f"sqlite:///{folder / 'mlflow.db'}"
    with of_mlflow("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore(address, artifacts).engine"):
        make_tables(address, str(folder))
    return address


def test_what_is_missing_is_named() -> None:
    line = r"^pytest \d\S* has moved pytest\._gone: mend a/file\.py \(AttributeError"
    with pytest.raises(pytest.fail.Exception, match=line), still_there("pytest", "pytest._gone", "a/file.py"):
        pytest._gone  # type: ignore[attr-defined]  # noqa: B018


def test_mlflows_tables_of_runs_and_tags(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'runs.db'}"
    with open_tracker(store).start("named", {}, {"evaluated": "test"}) as run:
        pass
    with still_there("mlflow", "the columns of runs and tags", "harness/track/recent_runs.py"):
        assert recent_runs(store, run.id[:4]) == [(run.id, "named")]


def test_the_store_behind_mlflows_client(address: str) -> None:
    from mlflow import MlflowClient
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with of_mlflow("MlflowClient()._tracking_client.store"):
        assert isinstance(database_of(MlflowClient(tracking_uri=address)), SqlAlchemyStore)
        assert database_of(MlflowClient(tracking_uri="http://127.0.0.1:9")) is None


def test_a_session_and_the_table_of_metrics(address: str) -> None:
    from mlflow import MlflowClient

    with of_mlflow("SqlAlchemyStore.ManagedSessionMaker"):
        sessions = database_of(MlflowClient(tracking_uri=address)).ManagedSessionMaker  # type: ignore[union-attr]
    with of_mlflow("mlflow.store.tracking.dbmodels.models.SqlMetric, its columns"), sessions() as session:
        table = metrics_table()
        asked = session.query(table.run_uuid, table.key, table.step, table.value, table.timestamp)
        assert asked.all() == []


def test_mlflows_migrations(address: str) -> None:
    with of_mlflow("mlflow.store.db.utils._get_alembic_config(db_url)"):
        assert alembic_config(address).get_main_option("script_location")
        assert len(schema_versions()) > 1
    with of_mlflow("mlflow.store.db.utils.create_sqlalchemy_engine"), opened(address) as engine:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        assert found == schema_versions()[0]
    with of_mlflow("mlflow.store.db.utils._upgrade_db(engine)"):
        upgrade(address)


def test_a_running_trial_of_optunas_can_be_written_to(tmp_path: Path) -> None:
    import optuna

    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'optuna.db'}")
    asked = study.ask()
    with still_there("optuna", "FrozenTrial._trial_id, Trial(study, trial_id)", "harness/study/optuna_private.py"):
        (running,) = study.get_trials(deepcopy=False)
        still_open(study, running).set_constraint("accuracy", 0.5)
        assert still_open(study, running).number == asked.number
        study.tell(asked, 1.0)
        assert study.trials[0].constraints == {"accuracy": 0.5}


def test_what_typer_raises_for_a_wrong_command_line() -> None:
    import typer
    from typer.main import get_command

    app = typer.Typer()
    app.command()(lambda: None)
    with still_there("typer", "the base of typer.BadParameter", "harness/cli/typer_private.py"):
        from harness.cli.typer_private import UsageError

        with pytest.raises(Exception, match="--no-such-option") as raised:
            get_command(app).main(args=["--no-such-option"], standalone_mode=False)
        assert UsageError is not Exception
        assert isinstance(raised.value, UsageError)
        assert "--no-such-option" in raised.value.format_message()  # type: ignore[attr-defined]
