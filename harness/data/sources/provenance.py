"""Where fetched files came from and what they hash to, noted beside them and verified afterwards."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from harness.base.errors import Unavailable
from harness.base.frozen import Frozen
from harness.base.hashes import file_digest, sha256
from harness.domain.card import RemoteFile, WheelSource

NOTE = "source.json"


class _File(Frozen):
    """A file as it was fetched."""

    size: int
    sha256: str


class _Record(Frozen):
    """What stands in a note."""

    source: str
    date: str
    downloads: dict[str, str]
    files: dict[str, _File]


def verify(path: Path, declared: RemoteFile | WheelSource, place: str, remembered: Mapping[str, str]) -> str:
    """The SHA-256 of a downloaded file, which agrees with what is declared and with what was fetched before.

    Args:
        place: what the file is called in messages
        remembered: SHA-256 by file name, of an earlier fetch

    Raises:
        Unavailable: where it does not agree.
    """
    actual = file_digest(path)
    if declared.sha256 is not None:
        _expect("SHA-256", actual, declared.sha256, place)
    elif isinstance(declared, RemoteFile) and declared.md5 is not None:
        _expect("MD5", file_digest(path, "md5"), declared.md5, place)
    elif actual != (before := remembered.get(path.name, actual)):
        raise Unavailable(
            f"{place}: its SHA-256 is {actual}, but it was {before} when it was first fetched: the publisher has "
            f"changed it, or somebody else has; to accept the new one, remove the old {NOTE}"
        )
    return actual


def note(folder: Path, place: str, downloads: Mapping[str, str]) -> None:
    """Write where the files in ``folder`` came from, and what each of them hashes to.

    Args:
        downloads: SHA-256 of what was downloaded, by file name
    """
    files = {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": file_digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    record = {"source": place, "date": now, "downloads": dict(downloads), "files": files}
    (folder / NOTE).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def remembered(folder: Path) -> dict[str, str]:
    """SHA-256 of what was downloaded when ``folder`` was filled, by file name; empty where that is not known."""
    record = _record(folder)
    return {} if record is None else record.downloads


def fetched(folder: Path) -> bool:
    """Whether the files in ``folder`` were fetched: those that the user put there have no note."""
    return _record(folder) is not None


def check(folder: Path, thoroughly: bool = False) -> None:
    """Make sure that fetched files are still what they were: their size and their hash.

    Files that the user put there have no note and are taken as they are.

    Args:
        thoroughly: whether large files are read again of which nothing but their content can have changed

    Raises:
        Unavailable: names the first file that differs.
    """
    record = _record(folder)
    for name, noted in {} if record is None else record.files.items():
        path = folder / name
        same = path.is_file() and path.stat().st_size == noted.size
        if not same or sha256(path, again=thoroughly) != noted.sha256:
            raise Unavailable(
                f"{path} is no longer what was fetched: remove {folder} to fetch it again, "
                f"or only its {NOTE} to use your own version"
            )


def _record(folder: Path) -> _Record | None:
    """The note; None where there is none.

    Raises:
        Unavailable: where it is not what :func:`note` wrote.
    """
    try:
        return _Record.model_validate_json((folder / NOTE).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unavailable(f"{folder / NOTE} cannot be read: {error.strerror or error}") from None
    except ValueError:  # pydantic's complaints are ValueErrors
        raise Unavailable(
            f"{folder / NOTE} is damaged: remove {folder} to fetch the data again, or only its {NOTE} to use the files "
            "as they are"
        ) from None


def _expect(kind: str, actual: str, expected: str, place: str) -> None:
    if actual != expected:
        raise Unavailable(
            f"{place}: its {kind} is {actual}, but {expected} is expected: "
            "it was damaged or changed on the way and is not used; try again"
        )
