"""Addresses of SQLite databases: which file one names, and how a file is named whatever is in its name."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

from harness.base import paths
from harness.base.errors import BadInput

EXAMPLE = "sqlite:////home/me/{name}"
OPTIONS = re.compile(
    r"\?(uri|timeout|isolation_level|detect_types|check_same_thread|cached_statements|mode|cache|vfs|psow|nolock|"
    r"immutable)=[^/]*$"
)
"""What SQLAlchemy and SQLite would take from the end of an address."""


_SHAPE = re.compile(r"sqlite(\+\w+)?:(?:///)?(.*)", re.IGNORECASE | re.DOTALL)


def is_sqlite(address: str) -> bool:
    """Whether it is one of SQLite's."""
    return bool(_SHAPE.fullmatch(address))


def named_file(address: str, what: str, name: str) -> Path:
    """The file that an address names, as an absolute path.

    What follows ``sqlite:///`` is a path as it is, ``?`` and ``%`` in it included. Two other ways of writing one, those
    of :func:`sqlite_address`, have ``%3F`` and ``%25`` for them.

    Args:
        what: it is the address of, as messages say it
        name: a usual one of such a file

    Raises:
        BadInput: where it names none, or options besides.
    """
    shape = _SHAPE.fullmatch(address)
    assert shape is not None
    driver, path = shape.groups()
    if as_uri := re.fullmatch(r"file:(?://)?(/[^?]*)\?uri=true", path):
        path = unquote(as_uri[1])
    elif options := OPTIONS.search(path):
        raise BadInput(f"{what} {address}: options are not taken: leave {options[0]} out")
    elif driver:
        path = unquote(path)
    nowhere = not path.strip() or path in ("//", ":memory:") or "\0" in path
    if nowhere or (path.startswith("//") and not path.startswith("///")):
        raise BadInput(f"{what} {address!r}: name a database file, for example {EXAMPLE.format(name=name)}")
    return paths.expanded(Path(path), what).resolve()


def sqlite_address(file: Path) -> str:
    """The address of a file for SQLAlchemy and whoever uses it.

    A plain one would end at a ``?``, and ``%20`` in it be a blank. The others name the driver: MLflow makes folders for
    what it takes for the path in an address that does not.
    """
    path = str(file)
    if not {"?", "%"} & set(path):
        return f"sqlite:///{path}"
    from sqlalchemy import make_url

    quoted = f"sqlite+pysqlite:///{quote(path)}"
    if make_url(quoted).database == path:
        return quoted
    return f"sqlite+pysqlite:///file:{quote(path)}?uri=true"  # SQLAlchemy before 2.1 takes %3F for itself
