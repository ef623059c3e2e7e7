"""A file of checksums beside others, as ``sha256sum`` writes and checks it: ``sha256sum -c SHA256SUMS``."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.base.hashes import file_digest

SUMS_FILE = "SHA256SUMS"


def write_sums(folder: Path, names: Iterable[str] | None = None) -> None:
    """Write the checksums of files directly in ``folder``; None: of all of them."""
    files = sorted(path.name for path in folder.iterdir() if path.is_file()) if names is None else names
    text = sums_of({name: folder / name for name in files if name != SUMS_FILE})
    (folder / SUMS_FILE).write_text(text, encoding="utf-8", newline="\n")


def sums_of(files: Mapping[str, Path]) -> str:
    """The checksums of files, by the names that they have or will have."""
    return "".join(f"{file_digest(path)}  {name}\n" for name, path in files.items())


def agrees(sums: bytes, name: str, content: bytes) -> bool:
    """Whether a file is the one whose checksum stands in ``sums``, if one does."""
    return _read(sums).get(name) in (None, hashlib.sha256(content).hexdigest())


def disagreeing(folder: Path, names: Iterable[str]) -> list[str]:
    """Which files in ``folder`` are not those whose checksums stand beside them; none where none do."""
    if not (folder / SUMS_FILE).is_file():
        return []
    sums = _read((folder / SUMS_FILE).read_bytes())
    return [name for name in names if name in sums and file_digest(folder / name) != sums[name]]


def _read(sums: bytes) -> dict[str, str]:
    """Checksums by name."""
    lines = (line.partition("  ") for line in sums.decode("utf-8", errors="replace").splitlines())
    return {name: digest for digest, _, name in lines}
