"""A database server's address: taken apart, tried before anything is computed, never shown with its password."""

import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.errors import BadInput, HarnessError, Unavailable, one_line, unknown
from harness.base.full_disk import disk_full
from harness.base.sharing import PRIVATE, make_file
from harness.track.sqlite_address import is_sqlite, named_file, sqlite_address

if TYPE_CHECKING:
    from sqlalchemy import URL

CONNECT_SECONDS = 5
BOUNDS = {
    # For a server that has taken the connection; something else may listen there and wait for ever.
    "connect_timeout": 10,
    # A network that swallows everything is noticed within seconds, not within the system's quarters of an hour.
    "tcp_user_timeout": 8000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""What PostgreSQL's own client library, under either driver, is told unless the address says something else."""
MIGRATIONS = "alembic_version"
"""The table in which MLflow and Optuna both keep their schema's version: they cannot share a database."""
DRIVERS = ("sqlite", "postgresql+psycopg", "mysql+pymysql", "mssql+pyodbc")
SHAPE = "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"


def masked(address: str) -> str:
    """An address, even a malformed one, without the passwords in it."""
    hidden = re.sub(r"^((?:[\w.+-]+:/+)?+[^:@]*):.*@", r"\1:***@", address, flags=re.DOTALL)
    return re.sub(r"([?&]\w*password=)[^&]*", r"\1***", hidden)


class Database:
    """An address as SQLAlchemy reads it; one of SQLite names a file, whatever characters are in its path.

    Attributes:
        file: of SQLite; None of any other

    Args:
        text: the address
        purpose: what it is the address of, as messages say it
        flag: the command line's option that names another one

    Raises:
        BadInput: where it is malformed, or of a kind that there is not.
    """

    def __init__(self, text: str, purpose: str, flag: str) -> None:
        self.file = named_file(text, purpose, "trials.db") if is_sqlite(text) else None
        self.text = text if self.file is None else sqlite_address(self.file)
        self.purpose = purpose
        self.flag = flag
        self.url = self._parsed()

    def __str__(self) -> str:
        """The purpose, and the address without its password."""
        return f"{self.purpose} {masked(self.text)}"

    @property
    def bounded(self) -> str:
        """The address with bounds on how long a dead network is waited for, where its driver knows any."""
        if self.url.get_backend_name() != "postgresql" or self.url.get_driver_name() not in ("psycopg", "psycopg2"):
            return self.text
        added = "&".join(f"{name}={value}" for name, value in BOUNDS.items() if name not in self.url.query)
        return f"{self.text}{'&' if '?' in self.text else '?'}{added}" if added else self.text

    def make_file(self) -> None:
        """Make the file of an SQLite database, where there is none, so that nobody else may read it."""
        if self.file is not None and self.file.parent.is_dir():
            make_file(self.file, PRIVATE)

    def is_at(self, address: str) -> bool:
        """Whether this is the SQLite file that ``address``, an absolute one, is of."""
        own = f"sqlite:///{Path(self.url.database or '').expanduser().resolve()}"
        return self.url.get_backend_name() == "sqlite" and address == own

    def tables(self) -> set[str]:
        """Connect once; the names of the tables that are there.

        Raises:
            Unavailable: without the driver, where no server listens, or where it does not let this user in.
        """
        from sqlalchemy import create_engine, inspect
        from sqlalchemy.exc import SQLAlchemyError

        try:
            engine = create_engine(self.bounded)
        except ImportError as error:
            raise self._without_driver(error) from None
        try:
            self.make_file()
            if self.url.host and self.url.port:
                socket.create_connection((self.url.host, self.url.port), timeout=CONNECT_SECONDS).close()
            with engine.connect() as connection:
                return set(inspect(connection).get_table_names())
        except (SQLAlchemyError, OSError, UnicodeError) as error:  # no name of a host may be too long to be encoded
            raise self.unusable(error) from error
        finally:
            engine.dispose()

    def unusable(self, error: BaseException) -> HarnessError:
        """One line on why the database cannot be used, with its own words and what may help."""
        if isinstance(error, HarnessError):
            return error
        if full := disk_full(error, self.file):
            if self.file is not None and self.file.is_file() and not self.file.stat().st_size:
                self.file.unlink()
            return full
        reason = reason_of(error).replace(self.text, masked(self.text))[:300]
        return Unavailable(f"{self} is not usable: {reason}; {_advice(reason)}another one: {self.flag}")

    def _parsed(self) -> "URL":
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            url = make_url(self.text)
            url.get_dialect()
        except NoSuchModuleError:
            raise BadInput(f"{self}: {unknown('kind of database', self.text.split('://')[0], DRIVERS)}") from None
        except (ArgumentError, ValueError):  # a port that is no number is a ValueError
            raise BadInput(f"{self}: not an address of a database; write {SHAPE}") from None
        if url.get_backend_name() != "sqlite" and "@" in f"{url.host}{url.database}":
            raise BadInput(f"{self}: more than one @; write %40 for one in the password (and %2F for /, %3A for :)")
        return url

    def _without_driver(self, error: ImportError) -> Unavailable:
        driver = error.name or self.url.get_driver_name()
        how = "pip install it"
        if self.url.get_backend_name() == "postgresql":
            how = 'pip install "bifair-harness[postgresql]" and write postgresql+psycopg://'
        return Unavailable(f"{self}: its driver {driver} is not installed: {how}")


def reason_of(error: BaseException) -> str:
    """What a database's driver said, in one line, without SQLAlchemy's frame and the statement around it."""
    said = getattr(error, "orig", None)
    if said is None:
        return one_line(error)
    primary = getattr(getattr(said, "diag", None), "message_primary", None)
    return " ".join(str(primary or said).split())


def _advice(reason: str) -> str:
    """What to do where the reason is a common one; a server may say it in another language, and then there is none."""
    if "database" in reason and "does not exist" in reason:
        return "create it first (createdb NAME); "
    if "password" in reason:
        return "name user and password in the address (%40 for @), or set PGPASSWORD; "
    if "permission denied for schema" in reason:
        return "its owner may create tables in it (createdb --owner USER NAME); "
    if "refused" in reason:
        return "is the server running, and is the port right?; "
    return ""
