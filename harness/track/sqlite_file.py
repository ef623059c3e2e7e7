"""An SQLite store before it is opened: what lies there, and what should and does not, is said; nothing is replaced."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from harness.base.errors import Unavailable
from harness.base.sharing import make_folder
from harness.base.writable import check_makable
from harness.track.database import MIGRATIONS

MAGIC = b"SQLite format 3\0"
CHECKED_BYTES = 64 * 1024**2
"""Up to this size the whole file is looked through whenever it is opened: 0.2 s."""
WAIT_SECONDS = 20
"""How long another process's transaction is waited for."""
RUN_FOLDER = re.compile(r"[0-9a-f]{32}")


def check_sqlite(file: Path, artifacts: Path | None) -> None:
    """Open, read and lock an existing database; make the folder of a new one.

    Args:
        artifacts: where files of its runs are kept

    Raises:
        Unavailable: where the database is something else's, is damaged, or has gone while files of its runs are there.
    """
    make_folder(file.parent)
    if not file.exists() or file.stat().st_size == 0:
        _check_gone(file, artifacts)
        return
    with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and not {MIGRATIONS, "experiments", "runs"} <= tables:
            raise Unavailable(f"tracking store {file} is a database of something else, not of MLflow; name another one")
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
        if file.stat().st_size <= CHECKED_BYTES:
            (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise Unavailable(
                    f"tracking store {file} is damaged: {' '.join(str(found).split())[:200]}; put a copy back, or save "
                    f"what can be read (sqlite3 {file.name} .recover); another one: --tracking-uri URI"
                )


def schema_of(file: Path) -> str | None:
    """The version of the tables in a database that :func:`check_sqlite` has looked at; None where it has none yet."""
    if file.stat().st_size == 0:
        return None
    with closing(sqlite3.connect(file, timeout=WAIT_SECONDS)) as database:
        try:
            row = database.execute(f"SELECT version_num FROM {MIGRATIONS}").fetchone()
        except sqlite3.OperationalError:  # no such table
            return None
    return row[0] if row else None


def check_new(file: Path, artifacts: Path | None) -> None:
    """Whether a database can be made that is not there: no other file is left behind by asking.

    Args:
        artifacts: where files of its runs are kept

    Raises:
        OSError: where nothing can be written.
        Unavailable: where the database has gone while files of its runs are there.
    """
    check_makable(file.parent)
    _check_gone(file, artifacts)


def _check_gone(file: Path, artifacts: Path | None) -> None:
    """Whether runs have left files here, of which no database says any more what they are."""
    if artifacts is None or not artifacts.is_dir() or any(map(_is_database, file.parent.iterdir())):
        return
    runs = sum(bool(RUN_FOLDER.fullmatch(path.name)) for path in artifacts.iterdir())
    if runs:
        what = "is empty" if file.exists() else "is not there any more"
        raise Unavailable(
            f"tracking store {file} {what}, but {artifacts} has files of {runs} run{'' if runs == 1 else 's'}: put the "
            f"database back; or, to begin anew, move {artifacts} away; another store: --tracking-uri URI"
        )


def _is_database(path: Path) -> bool:
    """Whether the files may be those of this other store."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC
