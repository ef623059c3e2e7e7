"""One process at a time fills a folder of the user's home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from harness.base import paths
from harness.base.errors import Unavailable


@contextmanager
def filling(lock: Path, name: str, seconds: float) -> Iterator[None]:
    """Hold ``lock``, a file in a folder that is made where it is missing.

    Args:
        name: of what is being stored, for messages
        seconds: how long to wait for another process

    Raises:
        Unavailable: where another process keeps it that long, or something cannot be written meanwhile.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=seconds):
            yield
    except Timeout:
        raise Unavailable(f"another process has been fetching {name} for {seconds} s; try again") from None
    except OSError as error:
        where = f"{error.strerror or error} ({error.filename or lock.parent})"
        raise Unavailable(
            f"{name} cannot be stored: {where}; choose another folder with {paths.HOME_VARIABLE}"
        ) from None
