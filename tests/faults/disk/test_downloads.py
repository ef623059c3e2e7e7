"""Downloads that find no room: what has arrived stays for the next call, everything else is as it was."""

import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from harness.base.full_disk import DiskFull
from harness.base.hashes import file_digest
from harness.data.sources.fetch import locate
from harness.domain.card import ArchiveSource, Card, Source, WheelSource
from harness.domain.tables import Tables
from harness.plugins import Dataset

MEMBERS = ("toywheel/data/ratings.txt",)
RECORD = "toywheel-1.0.dist-info"


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with an archive, which is a wheel as well, of 4 MB that unpack to 4 MB."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    with zipfile.ZipFile(folder / "toywheel-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(MEMBERS[0], os.urandom(4 * 10**6))
        archive.writestr(f"{RECORD}/METADATA", "Metadata-Version: 2.1\nName: toywheel\nVersion: 1.0\n")
        archive.writestr(f"{RECORD}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{RECORD}/RECORD", "")
    return folder


@pytest.fixture
def place(shelf: Path) -> Iterator[str]:
    """Where a server offers it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(shelf))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def toy(source: Source) -> Dataset:
    class Toy(Dataset):
        name = "toy"
        summary = "for tests"
        card = Card(
            title="Toy data",
            homepage="http://toy.invalid",
            licence="free for all",
            citation="Toy (2026)",
            sources=(source,),
            groupings=("popularity",),
            default_group="popularity",
        )

        def recognises(self, folder: Path) -> bool:
            return (folder / "ratings.txt").is_file()

        def read(self, folder: Path) -> Tables:
            return Tables(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())

    return Toy()


@pytest.mark.parametrize("left", [0, 2 * 10**6, 6 * 10**6])
@pytest.mark.parametrize("kind", ["archive", "wheel"])
def test_no_room_for_a_download(
    small_disk: Any, shelf: Path, place: str, monkeypatch: pytest.MonkeyPatch, kind: str, left: int
) -> None:
    wheel = next(shelf.iterdir())
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(shelf),
        "HARNESS_HOME": str(small_disk.folder),
    }.items():
        monkeypatch.setenv(name, value)
    digest = file_digest(wheel)
    source: Source = WheelSource(requirement="toywheel==1.0", sha256=digest, members=MEMBERS)
    if kind == "archive":
        source = ArchiveSource(url=f"{place}/{wheel.name}", sha256=digest, members=MEMBERS)
    small_disk.leave(left)
    with pytest.raises(DiskFull, match=rf"no room for .* on the file system {small_disk.folder}, where"):
        locate(toy(source))
    kept = {name for name in small_disk.files() if ".toy.downloads/" not in name}
    assert kept == set()
    small_disk.empty()
    assert (locate(toy(source)) / "ratings.txt").stat().st_size == 4 * 10**6
