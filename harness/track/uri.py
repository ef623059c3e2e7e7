"""Which store: a flag, else ``MLFLOW_TRACKING_URI``, else an SQLite database in the user folder."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from harness.base import paths
from harness.base.errors import BadInput
from harness.base.writable import check_makable, written_into_home
from harness.track.database import Database, masked
from harness.track.sqlite_address import is_sqlite, named_file, sqlite_address

URI_VARIABLE = "MLFLOW_TRACKING_URI"
NOWHERE = "none"
DATABASES = ("postgresql", "mysql", "mssql")
MISWRITTEN = "postgres"
"""What PostgreSQL's own tools take besides; SQLAlchemy does not."""


@dataclass(frozen=True)
class StoreUri:
    """A store's address.

    Attributes:
        text: the address that MLflow takes
        file: the database file, for SQLite
        artifacts: where artifacts go; None where a server decides
        endpoint: host and port of a server over HTTP
        database: a database server's address
    """

    text: str
    file: Path | None = None
    artifacts: Path | None = None
    endpoint: tuple[str, int] | None = None
    database: Database | None = None

    def __str__(self) -> str:
        """The address without a password in it."""
        return masked(self.text)

    @property
    def bounded(self) -> str:
        """The address that MLflow is given: see :attr:`harness.track.database.Database.bounded`."""
        return self.text if self.database is None else self.database.bounded

    def hide(self, text: str) -> str:
        """What a library says of this store, without the password that it may quote with the address."""
        secret = re.match(r"\w[\w.+-]*://([^/]*@)", self.text)
        quoted = text.replace(self.text, str(self))
        return quoted.replace(secret.group(1), "***@") if secret else quoted


def resolve_uri(given: str | None) -> StoreUri:
    """The store to use; relative SQLite paths are made absolute.

    Raises:
        BadInput: where the address is not one of an MLflow store.
    """
    if given is not None and not given.strip():
        raise BadInput(f"tracking store {given!r}: an address is needed, or 'none'")
    text = given or os.environ.get(URI_VARIABLE) or ""
    if not text:
        return _sqlite(_own_folder() / "mlflow.db")
    scheme = re.split(r"[:+]", text, maxsplit=1)[0].lower()
    if is_sqlite(text):
        return _sqlite(named_file(text, "tracking store", "mlflow.db"))
    if scheme in (*DATABASES, MISWRITTEN):
        return _database(text)
    if scheme in ("http", "https"):
        return _server(text, scheme)
    if scheme == "file" or "://" not in text:
        raise BadInput(
            f"tracking store {masked(text)}: MLflow 3 no longer writes folders of files; use a database, for example "
            f"sqlite:////home/me/mlflow.db, or a server's address, for example http://localhost:5000"
        )
    known = ", ".join(["sqlite", *DATABASES, "http", "https"])
    raise BadInput(f"tracking store {masked(text)}: unknown kind of address; choose from: {known}")


def _own_folder() -> Path:
    """The default store's folder; it can be made where it is not there."""
    folder = paths.tracking_folder()
    with written_into_home(folder):
        check_makable(folder)
    return folder


def _sqlite(file: Path) -> StoreUri:
    return StoreUri(sqlite_address(file), file=file, artifacts=file.parent / "artifacts")


def _database(text: str) -> StoreUri:
    database = Database(text, "tracking store", "--tracking-uri URI")
    return StoreUri(text, artifacts=paths.tracking_folder() / "artifacts", database=database)


def _server(text: str, scheme: str) -> StoreUri:
    try:
        parts = urlsplit(text)
        port = parts.port or (443 if scheme == "https" else 80)
    except ValueError as error:
        raise BadInput(f"tracking store {masked(text)}: {error}") from None
    if not parts.hostname:
        raise BadInput(f"tracking store {masked(text)}: no host in this address")
    return StoreUri(text.rstrip("/"), endpoint=(parts.hostname, port))
