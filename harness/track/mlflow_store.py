"""Open an MLflow store, or say in one line why it cannot be: before anything is computed.

A fresh SQLite store is built in a file beside it and renamed, under a lock, so that a process that is killed or a
second one that starts at the same time never meets half a schema.
"""

import hashlib
import logging
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from filelock import Timeout

from harness.base import paths
from harness.base.errors import HarnessError, Unavailable, one_line
from harness.base.full_disk import disk_full
from harness.base.sharing import PRIVATE, lock, make_file, make_folder
from harness.track.database import MIGRATIONS, Database
from harness.track.mlflow_private import make_tables, schema_versions, upgrade
from harness.track.spec_index import index_specs
from harness.track.sqlite_address import sqlite_address
from harness.track.sqlite_file import check_sqlite, schema_of
from harness.track.unbroken_client import UnbrokenClient
from harness.track.uri import StoreUri

REACH_SECONDS = 3.0
LOCK_SECONDS = 120.0
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Its own retries take minutes in silence for every call; whoever calls it says what is wrong and tries again.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "8",
    # At the end of a run it prints the server's address, with the password in it.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
"""What MLflow is told unless the user has told it something else."""


def import_mlflow() -> Any:
    """MLflow (seconds to import), without telemetry, without its log lines, and without minutes of silence."""
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    import mlflow

    # Every failure comes as an exception too; MLflow logs database errors with a traceback before it raises them.
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return mlflow


def open_client(uri: StoreUri) -> UnbrokenClient:
    """A client for a store that has answered once; a fresh database gets its tables.

    Raises:
        Unavailable: where the store cannot be reached, read, written or understood.
    """
    with reported_as_unavailable(uri):
        if uri.file is not None:
            check_sqlite(uri.file, uri.artifacts)
        elif uri.database is not None:
            _check_server(uri.database)
        elif uri.endpoint is not None:
            socket.create_connection(uri.endpoint, timeout=REACH_SECONDS).close()
        mlflow = import_mlflow()
        if uri.artifacts is not None:
            with _lock(uri):
                _prepare_database(uri)
                index_specs(uri.bounded)
        client = UnbrokenClient(mlflow.MlflowClient(tracking_uri=uri.bounded))
        client.search_experiments(max_results=1)
    return client


@contextmanager
def reported_as_unavailable(uri: StoreUri) -> Iterator[None]:
    """Whatever goes wrong inside becomes one line about the store."""
    try:
        yield
    except HarnessError:
        raise
    except Exception as error:  # MLflow lets SQLAlchemy's, requests', alembic's and its own errors out
        if full := disk_full(error, uri.file):
            raise full from error
        if uri.database is not None:
            raise uri.database.unusable(error) from error
        reason = uri.hide(one_line(error))[:300]
        raise Unavailable(f"tracking store {uri} is not usable: {reason}; another one: --tracking-uri URI") from error


def _check_server(database: Database) -> None:
    """Log in to a database server, and look whether what is there can be MLflow's."""
    tables = database.tables()
    if MIGRATIONS in tables and not {"experiments", "runs"} <= tables:
        raise Unavailable(f"{database} is a database of something else, not of MLflow; name another one")


@contextmanager
def _lock(uri: StoreUri) -> Iterator[None]:
    """One process at a time creates or upgrades a store."""
    if uri.file is not None:
        file = uri.file.with_name(uri.file.name + ".lock")
    else:
        file = paths.tracking_folder() / f"{hashlib.sha256(uri.text.encode()).hexdigest()[:16]}.lock"
        make_folder(file.parent)
    make_file(file)  # where nothing can be written, waiting for the lock would not help
    try:
        with lock(file, timeout=LOCK_SECONDS):
            yield
    except Timeout:
        raise Unavailable(f"tracking store {uri}: another process has held {file} for {LOCK_SECONDS:.0f} s") from None


def _prepare_database(uri: StoreUri) -> None:
    """Create the tables of a new database; bring those of an old file up to date, which of a server its owner does."""
    if uri.file is None:
        make_tables(uri.bounded, str(uri.artifacts))
        return
    if not uri.file.exists() or uri.file.stat().st_size == 0:
        fresh = uri.file.with_name(uri.file.name + ".new")
        fresh.unlink(missing_ok=True)
        assert uri.artifacts is not None
        try:
            make_folder(uri.artifacts)
            make_file(fresh, PRIVATE)
            make_tables(sqlite_address(fresh), str(uri.artifacts))
            fresh.replace(uri.file)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        return
    version = schema_of(uri.file) or "none"
    versions = schema_versions()
    if version not in versions:
        reason = f"schema {version}, which this MLflow does not know: a newer one wrote it; upgrade mlflow"
        raise Unavailable(f"tracking store {uri} has {reason}")
    if version != versions[0]:
        shutil.copy2(uri.file, uri.file.with_name(f"{uri.file.name}.before-{version}"))
        upgrade(uri.text)
