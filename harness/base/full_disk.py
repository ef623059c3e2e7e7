"""A file system that takes no more: recognised whoever says so, and named in one line with what to free."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.base import paths
from harness.base.errors import HarnessError

SAID = {
    errno.ENOSPC: ("No space left on device", "database or disk is full"),
    errno.EDQUOT: ("Disk quota exceeded",),
    errno.EFBIG: ("File too large",),
    errno.EROFS: ("Read-only file system",),
}
"""What the system says of each; libraries written in other languages pass on its words alone."""
NO_TEMPORARY = "No usable temporary directory"
LITTLE = 2**20
"""Bytes: SQLite calls it an error of the device where a file system with less has no room for its journal."""


class DiskFull(HarnessError):
    """A file system has no room for what is to be written, or takes nothing at all."""


def disk_full(error: BaseException, place: Path | None = None) -> DiskFull | None:
    """One line on the full file system that an error, or one that it came of, speaks of; None: of none.

    Args:
        place: what was being written, for errors that do not say; None: something in the home folder
    """
    for cause in _causes(error):
        if isinstance(cause, DiskFull):
            return cause
        written = _file_of(cause) or place
        number = _number(cause, written)
        if number is not None:
            return DiskFull(_line(number, written or paths.home()))
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it came of; SQLAlchemy keeps the driver's in an attribute."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [getattr(found, "orig", None), found.__cause__, found.__context__]


def _number(error: BaseException, place: Path | None) -> int | None:
    """Which kind of full; None for any other error."""
    if isinstance(error, sqlite3.Error):
        return _number_of_sqlite(error, place)
    if isinstance(error, OSError) and error.errno in SAID:
        return error.errno
    if isinstance(error, OSError) and NO_TEMPORARY in str(error):
        return errno.ENOSPC
    if isinstance(error, OSError) or type(error).__module__.startswith("polars"):
        return next((number for number, words in SAID.items() if any(said in str(error) for said in words)), None)
    return None


def _number_of_sqlite(error: sqlite3.Error, place: Path | None) -> int | None:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name == "SQLITE_FULL":
        return errno.ENOSPC
    if place is None:
        return None
    if _is_read_only(place):
        return errno.EROFS
    if name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and _free(place) < LITTLE:
        return errno.ENOSPC
    return None


def _file_of(error: BaseException) -> Path | None:
    if not isinstance(error, OSError):
        return None
    if NO_TEMPORARY in str(error):
        return _temporary()
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return Path(str(error.args[0][0][1]))
    name = error.filename2 or error.filename
    return Path(os.fsdecode(name)) if isinstance(name, str | bytes) else None


def _line(number: int, place: Path) -> str:
    mount = _mount(place)
    if number == errno.EROFS:
        return f"{place} cannot be written: {mount} is mounted read-only: {_elsewhere(place)}"
    if number == errno.EFBIG:
        return f"{place} cannot be written: it would be larger than the system lets a file be (see ulimit -f)"
    used_up = "where the quota is used up" if number == errno.EDQUOT else f"where {_free(place):,} bytes are free"
    removable = "".join(f"; {what}" for what in _removable(mount))
    return (
        f"no room for {place} on the file system {mount}, {used_up}: free some{removable}; or {_elsewhere(place)}; "
        "the same command goes on"
    )


def _removable(mount: Path) -> Iterator[str]:
    """What of ours lies on that file system and can be done without."""
    for folder, remedy in (
        (paths.cache_folder(), "is computed again when it is needed"),
        (paths.checkpoints_folder(), "is emptied by 'harness list checkpoints --clear'"),
    ):
        size = _size(folder) if _mount(folder) == mount else 0
        if size:
            yield f"{folder} ({size / 1e6:,.1f} MB) {remedy}"


def _elsewhere(place: Path) -> str:
    if place.is_relative_to(paths.home()):
        return f"choose another home: --home FOLDER or {paths.HOME_VARIABLE}"
    if place.is_relative_to(_temporary()):
        return "name another folder for temporary files: TMPDIR"
    return "choose another folder"


def _temporary() -> Path:
    """Where temporary files go, also where that is full and Python finds no such place."""
    return Path(tempfile.tempdir or os.environ.get("TMPDIR") or os.sep + "tmp")


def _existing(place: Path) -> Path:
    return next((path for path in (place, *place.absolute().parents) if path.exists()), Path(os.sep))


def _mount(place: Path) -> Path:
    """The folder at which the file system of ``place`` begins."""
    folder = _existing(place).resolve()
    return next((path for path in (folder, *folder.parents) if path.is_mount()), folder)


def _free(place: Path) -> int:
    return shutil.disk_usage(_existing(place)).free


def _is_read_only(place: Path) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(_existing(place)).f_flag & os.ST_RDONLY)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
