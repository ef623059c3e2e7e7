"""Folders that cannot be written, in one line."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.base.errors import BadInput


@contextmanager
def written_into(folder: Path) -> Iterator[None]:
    """Inside, files are written into ``folder``.

    Raises:
        BadInput: where the system does not let it.
    """
    try:
        yield
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror or error}") from None


def check_makable(folder: Path) -> None:
    """Make what is missing of ``folder`` and a file in it, and remove both again: nothing is left of it.

    Raises:
        OSError: where the system does not let it.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    finally:
        for place in missing:
            with suppress(OSError):  # another process may have put something there meanwhile
                place.rmdir()
