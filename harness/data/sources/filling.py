"""One process at a time fills a folder of the user's home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from harness.base import paths
from harness.base.errors import Unavailable
from harness.base.full_disk import disk_full
from harness.base.sharing import lock as lock_in
from harness.base.sharing import make_folder


@contextmanager
def filling(lock: Path, name: str, seconds: float) -> Iterator[None]:
    """Hold ``lock``, a file in a folder that is made where it is missing.

    Args:
        name: of what is being stored, for messages
        seconds: how long to wait for another process

    Raises:
        DiskFull: where there is no room for something that is written meanwhile.
        Unavailable: where another process keeps it that long, or something cannot be written.
    """
    try:
        make_folder(lock.parent)
        with lock_in(lock, timeout=seconds):
            yield
    except Timeout:
        raise Unavailable(f"another process has been fetching {name} for {seconds} s; try again") from None
    except OSError as error:
        if full := disk_full(error, lock.parent):
            raise full from error
        where = f"{error.strerror or error} ({error.filename or lock.parent})"
        raise Unavailable(
            f"{name} cannot be stored: {where}; choose another folder with {paths.HOME_VARIABLE}"
        ) from None
