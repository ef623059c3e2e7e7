"""Zip files, extracted safely: nothing lands outside the folder, nothing unpacks to more than was announced."""

import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from harness.base.errors import Unavailable, one_line

LARGEST_TOTAL = 8 * 2**30
"""Bytes that an archive may unpack to: more is taken for a decompression bomb."""

_DAMAGED = (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, struct.error, zlib.error, lzma.LZMAError)
"""What damaged files make zipfile and its decompressors raise."""
_ENCRYPTED = 0x1


def extract(path: Path, members: Sequence[str], folder: Path) -> None:
    """Extract ``members`` (all files when empty) of the zip file ``path`` into ``folder``, without their common parent.

    Raises:
        Unavailable: where a member is missing or damaged, would land outside ``folder``, or all are too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = _members(archive, members)
            parent = _common_parent(info.filename for info in wanted)
            for info in wanted:
                target = folder.joinpath(*PurePosixPath(info.filename).parts[len(parent) :])
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    except OSError as error:
        if error.errno is None:  # of bz2's: the file is damaged, not the disk
            raise _unreadable(path, error) from None
        raise
    except _DAMAGED as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> Unavailable:
    return Unavailable(f"{path.name}: not a readable zip file ({one_line(error)}); nothing of it is used")


def _members(archive: zipfile.ZipFile, members: Sequence[str]) -> list[zipfile.ZipInfo]:
    known = {info.filename: info for info in archive.infolist() if not info.filename.endswith("/")}
    missing = [name for name in members if name not in known]
    if missing:
        raise Unavailable(f"{Path(archive.filename or '').name}: it does not contain {', '.join(missing)}")
    wanted = [known[name] for name in members] if members else list(known.values())
    folders = {folder for info in wanted for folder in PurePosixPath(info.filename).parents}
    for info in wanted:
        parts = PurePosixPath(info.filename).parts
        if info.flag_bits & _ENCRYPTED:
            raise Unavailable(f"{Path(archive.filename or '').name}: {info.filename!r} is encrypted: unpack it by hand")
        outside = not parts or parts[0] == "/" or ".." in parts or "\\" in info.filename or ":" in parts[0]
        if outside or PurePosixPath(info.filename) in folders or stat.S_ISLNK(info.external_attr >> 16):
            raise Unavailable(
                f"{Path(archive.filename or '').name}: unsafe member {info.filename!r}; nothing was extracted"
            )
    total = sum(info.file_size for info in wanted)  # a member that holds more than it declares fails its CRC check
    if total > LARGEST_TOTAL:
        raise Unavailable(
            f"{Path(archive.filename or '').name}: it would unpack to {total / 2**30:.1f} GiB, "
            f"more than the {LARGEST_TOTAL / 2**30:.0f} GiB allowed; nothing was extracted"
        )
    return wanted


def _common_parent(names: Iterable[str]) -> tuple[str, ...]:
    folders = [PurePosixPath(name).parts[:-1] for name in names]
    shared: list[str] = []
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)
