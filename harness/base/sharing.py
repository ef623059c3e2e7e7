"""Who may read and write new files: whom the umask lets, and in a folder that is shared on purpose whoever shares it.

A folder is shared where its group, or everybody, may write in it; one like ``/tmp``, where each may change only what is
his own, is not.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock

PRIVATE = 0o600


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are not there; in a shared one they are shared as well.

    Raises:
        OSError: where that cannot be done.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in reversed(missing):
        share(path)


def make_file(file: Path, mode: int = 0o666) -> None:
    """Make an empty file; one that is there stays as it is.

    Args:
        mode: who may use it at most, unless its folder is shared: :data:`PRIVATE` is its owner alone

    Raises:
        OSError: where that cannot be done.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        share(file)


def share(path: Path) -> None:
    """Give a file or folder of this process's to those who share the folder that it is in."""
    folder, own = path.parent.stat(), path.stat()
    granted = _granted(folder)
    if not granted or os.name != "posix":
        return
    rights, mode = (own.st_mode & 0o700) >> 6, stat.S_IMODE(own.st_mode)
    with suppress(PermissionError):  # another process has made it; or its owner is no member of the folder's group
        if own.st_gid != folder.st_gid:
            os.chown(path, -1, folder.st_gid)
        if granted & stat.S_IWGRP:
            mode |= rights << 3 | (stat.S_ISGID if path.is_dir() else 0)
        if granted & stat.S_IWOTH:
            mode |= rights
        path.chmod(mode)


def share_all(folder: Path, like: Path) -> None:
    """Give a folder and all below it to those who share the folder ``like``, into which it is to be moved."""
    granted = like.stat()
    if not _granted(granted):
        return
    with suppress(PermissionError):
        folder.chmod(stat.S_IMODE(granted.st_mode))
        os.chown(folder, -1, granted.st_gid)
    for path in folder.rglob("*"):
        share(path)


def lock(file: Path, timeout: float = -1, thread_local: bool = True) -> "FileLock":
    """A lock that everybody can hold who may write in the folder of its file; not held yet."""
    from filelock import FileLock

    folder = next(path for path in file.absolute().parents if path.exists())
    granted = _granted(folder.stat())
    if not granted:
        return FileLock(file, timeout=timeout, thread_local=thread_local)
    mode = 0o600 | (0o060 if granted & stat.S_IWGRP else 0) | (0o006 if granted & stat.S_IWOTH else 0)
    return FileLock(file, timeout=timeout, thread_local=thread_local, mode=mode)


def _granted(folder: os.stat_result) -> int:
    """Who may write in the folder besides its owner, as bits of a mode."""
    if folder.st_mode & stat.S_ISVTX:
        return 0
    return folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
