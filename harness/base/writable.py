"""Folders that cannot be written, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
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
