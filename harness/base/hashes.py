"""SHA-256 of large files, noted in the cache: a file that nobody has written to is not read again."""

import hashlib
import json
import time
from collections.abc import Iterable
from pathlib import Path

from harness.base import paths
from harness.base.errors import Unavailable
from harness.base.sealed import read_sealed, write_sealed

WORTH_NOTING = 2**20
"""Bytes; a smaller file is hashed faster than its note is read."""
SETTLED_NS = 2 * 10**9
"""A file changed more recently may change again within the same tick of the file system's clock: it is not noted."""


ABSENT = "absent"
"""In the place of the hash of a file that is not there; whoever is to read it says so."""


def sha256(path: Path, *, again: bool = False) -> str:
    """The file's SHA-256: the noted one where size and times of change are still the same, unless ``again``.

    Raises:
        Unavailable: where the file cannot be read, or is found to be another one although size and times are the same.
    """
    try:
        found = path.stat()
        if found.st_size < WORTH_NOTING:
            return file_digest(path)
        # The time of the last change of status cannot be set: it tells a file that was replaced and given an old date.
        state = {"size": found.st_size, "modified": found.st_mtime_ns, "changed": found.st_ctime_ns}
        note = _note_of(path)
        noted = _read(note, state)
        if noted is not None and not again:
            return noted
        digest = file_digest(path)
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror or error}") from None
    if noted not in (None, digest):
        raise Unavailable(
            f"{path} is damaged: its content has changed, its size and times have not: put a copy back, or touch it to "
            "use it as it is"
        )
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS:
        _write(note, {**state, "path": str(path.resolve()), "sha256": digest})
    return digest


def named_hashes(files: Iterable[Path], folder: Path, *, again: bool = False) -> list[tuple[str, str]]:
    """Name and hash of each file: its name within ``folder``, or its whole path where it lies elsewhere.

    Args:
        again: as for :func:`sha256`, which also says what is raised
    """
    names = ((path.relative_to(folder) if path.is_relative_to(folder) else path, path) for path in files)
    return [(name.as_posix(), sha256(path, again=again) if path.is_file() else ABSENT) for name, path in names]


def file_digest(path: Path, kind: str = "sha256") -> str:
    """The file's hash of any kind that :mod:`hashlib` knows, read from the file itself."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _note_of(path: Path) -> Path:
    name = hashlib.blake2b(str(path.resolve()).encode(), digest_size=16).hexdigest()
    return paths.cache_folder() / "fingerprints" / f"{name}.note"


def _read(note: Path, state: dict[str, int]) -> str | None:
    """The noted hash of a file in that state; None where there is no such note or it is damaged."""
    try:
        noted = json.loads(read_sealed(note) or b"null")
    except (OSError, ValueError):
        return None
    same = isinstance(noted, dict) and all(noted.get(key) == value for key, value in state.items())
    digest = noted.get("sha256") if same else None
    return digest if isinstance(digest, str) and len(digest) == 64 else None


def _write(note: Path, content: dict[str, int | str]) -> None:
    try:
        write_sealed(note, json.dumps(content).encode())
    except OSError:
        return  # a cache that cannot be written costs time, and the embeddings' own cache has said so
