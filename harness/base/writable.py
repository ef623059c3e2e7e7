"""Folders that cannot be written, in one line."""

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
