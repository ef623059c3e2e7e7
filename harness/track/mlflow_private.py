"""All that is used of MLflow beneath its public interface: the only file to mend where a new version moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def database_of(client: Any) -> Any | None:
    """The ``SqlAlchemyStore`` that a client writes into; None where it asks a server."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = client._tracking_client.store
    return store if isinstance(store, SqlAlchemyStore) else None


def metrics_table() -> Any:
    """The mapped class of metrics' values: ``run_uuid``, ``key``, ``value``, ``step`` and ``timestamp``."""
    from mlflow.store.tracking.dbmodels.models import SqlMetric

    return SqlMetric


def make_tables(address: str, artifacts: str) -> None:
    """Give a database MLflow's tables where it lacks some.

    Raises:
        MlflowException: where its tables are of another version.
    """
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(address, artifacts).engine.dispose()


def schema_versions() -> list[str]:
    """The versions of its tables that the installed MLflow knows, newest first."""
    from alembic.script import ScriptDirectory

    return [revision.revision for revision in ScriptDirectory.from_config(alembic_config("")).walk_revisions()]


def alembic_config(address: str) -> Any:
    """What Alembic needs to know of MLflow's migrations of the database at ``address``."""
    from mlflow.store.db import utils

    return utils._get_alembic_config(address)


def upgrade(address: str) -> None:
    """Bring the tables of a database to the newest version."""
    from mlflow.store.db import utils

    with opened(address) as engine:
        utils._upgrade_db(engine)


@contextmanager
def opened(address: str) -> Iterator[Any]:
    """The database's engine, as MLflow sets it up."""
    from mlflow.store.db import utils

    engine = utils.create_sqlalchemy_engine(address)
    try:
        yield engine
    finally:
        engine.dispose()
