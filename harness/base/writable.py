"""Folders that cannot be written, in one line."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.base import paths
from harness.base.errors import BadInput, HarnessError
from harness.base.full_disk import disk_full


@contextmanager
def written_into(folder: Path) -> Iterator[None]:
    """Inside, files are written into ``folder``.

    Raises:
        DiskFull: where there is no room for them.
        BadInput: where the system does not let them be written.
    """
    try:
        yield
    except Exception as error:  # libraries in other languages have errors of their own for a full disk
        if full := disk_full(error, folder):
            raise full from error
        if not isinstance(error, OSError):
            raise
        raise BadInput(f"{folder} cannot be written: {error.strerror or error}") from None


@contextmanager
def written_into_home(folder: Path) -> Iterator[None]:
    """Inside, files are written into ``folder``, a part of the home folder that this command cannot do without.

    Raises:
        DiskFull, BadInput: as :func:`written_into` does.
    """
    try:
        yield
    except OSError as error:
        raise unwritable_home(error, folder) from error


def unwritable_home(error: OSError, place: Path) -> HarnessError:
    """One line on a home folder, where ``place`` was to be written."""
    if full := disk_full(error, place):
        return full
    found = f"home folder {paths.home()} cannot be written: {error.strerror or error}"
    return BadInput(f"{found}; another one: --home FOLDER or {paths.HOME_VARIABLE}")


def check_makable(folder: Path) -> None:
    """Make a file in ``folder``, or where it is missing in one of another name beside it, and remove both again.

    ``folder`` itself is not made: another process that finds it meanwhile could count on it.

    Raises:
        OSError: where the system does not let it.
    """
    folder = folder.absolute()
    there = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if there == folder:
        tempfile.TemporaryFile(dir=folder).close()
        return
    with tempfile.TemporaryDirectory(dir=there) as beside:
        trial = Path(beside, folder.relative_to(there))
        trial.mkdir(parents=True)
        tempfile.TemporaryFile(dir=trial).close()


def require_folder(folder: Path) -> None:
    """Find out before anything is computed whether files can be written into ``folder``, which may have to be made.

    Raises:
        BadInput: where they cannot.
    """
    with written_into(folder):
        check_makable(folder)


def require_file(file: Path) -> None:
    """The same of a file that is to be written.

    Raises:
        BadInput: where it cannot be.
    """
    if file.is_dir():
        raise BadInput(f"{file} is a folder: name a file")
    require_folder(file.parent)
