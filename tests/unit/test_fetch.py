"""Fetching: checksum first, all or nothing, and errors that say what to do."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import polars as pl
import pytest

from harness.data import download
from harness.data.card import ArchiveSource, Card, WheelSource
from harness.data.fetch import locate
from harness.data.tables import Tables
from harness.errors import BadInput, Unavailable
from harness.protocols import Dataset

FILES = {"toy/ratings.txt": b"1 2 5\n" * 1000, "toy/items.txt": b"2 Two\n"}


@dataclass
class Site:
    """A real HTTP server: bytes to serve by path; ``cut`` paths break off half-way."""

    url: str
    pages: dict[str, bytes] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            body = found.pages.get(self.path)
            self.send_response(404 if body is None else 200)
            body = body or b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if self.path in found.cut else body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def toy(*sources: ArchiveSource | WheelSource) -> Dataset:
    class Toy(Dataset):
        name = "toy"
        summary = "for tests"
        card = Card(
            title="Toy data",
            homepage="http://toy.invalid",
            licence="free for all",
            citation="Toy (2025)",
            sources=sources,
            groupings=("genre",),
            default_group="genre",
        )

        def recognises(self, folder: Path) -> bool:
            return (folder / "ratings.txt").is_file() and (folder / "items.txt").is_file()

        def read(self, folder: Path) -> Tables:
            return Tables(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())

    return Toy()


def archive(site: Site, content: bytes, **changes: object) -> ArchiveSource:
    site.pages["/toy.zip"] = content
    options = {"url": f"{site.url}/toy.zip", "sha256": sha256(content), "members": tuple(FILES)} | changes
    return ArchiveSource.model_validate(options)


def leftovers(home: Path) -> list[str]:
    """Everything in the data folder but the lock."""
    return sorted(path.name for path in (home / "data").glob("*") if path.suffix != ".lock")


class TestSuccess:
    def test_members_land_without_their_common_folder(self, site: Site, home: Path) -> None:
        folder = locate(toy(archive(site, zipped(FILES | {"toy/not wanted": b""}))))
        assert folder == home / "data" / "toy"
        assert sorted(path.name for path in folder.iterdir()) == ["items.txt", "ratings.txt", "source.json"]
        assert (folder / "ratings.txt").read_bytes() == FILES["toy/ratings.txt"]
        assert leftovers(home) == ["toy"]

    def test_all_members_where_none_is_named(self, site: Site) -> None:
        folder = locate(toy(archive(site, zipped(FILES | {"toy/deep/more": b"x"}), members=())))
        assert (folder / "deep" / "more").read_bytes() == b"x"

    def test_the_source_is_noted(self, site: Site) -> None:
        content = zipped(FILES)
        note = json.loads((locate(toy(archive(site, content))) / "source.json").read_text())
        assert note["source"] == f"{site.url}/toy.zip"
        assert note["sha256"] == sha256(content)

    def test_licence_and_citation_are_shown_once(self, site: Site) -> None:
        dataset, said = toy(archive(site, zipped(FILES))), []
        locate(dataset, say=said.append)
        locate(dataset, say=said.append)
        assert sum("free for all" in line for line in said) == 1
        assert sum("Toy (2025)" in line for line in said) == 1

    def test_the_cache_needs_no_network(self, site: Site) -> None:
        dataset = toy(archive(site, zipped(FILES)))
        first = locate(dataset)
        assert locate(dataset, offline=True) == first
        assert site.asked == ["/toy.zip"]

    def test_processes_at_once_download_once(self, site: Site) -> None:
        dataset = toy(archive(site, zipped(FILES)))
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda _: locate(dataset), range(4)))
        assert len(found) == 1
        assert site.asked == ["/toy.zip"]

    def test_the_next_source_where_one_does_not_answer(self, site: Site) -> None:
        missing = ArchiveSource(url=f"{site.url}/moved.zip", sha256="0" * 64)
        said: list[str] = []
        locate(toy(missing, archive(site, zipped(FILES))), say=said.append)
        assert site.asked == ["/moved.zip", "/toy.zip"]
        assert any("moved.zip: HTTP status 404" in line for line in said)

    def test_an_incomplete_folder_is_moved_aside(self, site: Site, home: Path) -> None:
        broken = home / "data" / "toy"
        broken.mkdir(parents=True)
        (broken / "items.txt").write_text("mine")
        said: list[str] = []
        locate(toy(archive(site, zipped(FILES))), say=said.append)
        (aside,) = (home / "data").glob("toy.incomplete-*/toy/items.txt")
        assert aside.read_text() == "mine"
        assert any("was moved to" in line for line in said)

    def test_what_a_killed_process_left_is_removed(self, site: Site, home: Path) -> None:
        (home / "data" / ".toy-abandoned").mkdir(parents=True)
        locate(toy(archive(site, zipped(FILES))))
        assert leftovers(home) == ["toy"]


class TestFailure:
    def test_a_wrong_checksum_stops(self, site: Site, home: Path) -> None:
        damaged = archive(site, zipped(FILES), sha256="0" * 64)
        good = ArchiveSource(url=f"{site.url}/good.zip", sha256=sha256(zipped(FILES)))
        site.pages["/good.zip"] = zipped(FILES)
        with pytest.raises(Unavailable) as caught:
            locate(toy(damaged, good))
        assert sha256(zipped(FILES)) in str(caught.value)
        assert "0" * 64 in str(caught.value)
        assert "try again" in str(caught.value)
        assert site.asked == ["/toy.zip"], "a changed file is never passed over in silence"
        assert leftovers(home) == []

    def test_a_truncated_file_has_a_wrong_checksum(self, site: Site, home: Path) -> None:
        whole = zipped(FILES)
        with pytest.raises(Unavailable, match="SHA-256"):
            locate(toy(archive(site, whole[:100], sha256=sha256(whole))))
        assert leftovers(home) == []

    def test_a_download_that_breaks_off_leaves_nothing(self, site: Site, home: Path) -> None:
        source = archive(site, zipped(FILES))
        site.cut.add("/toy.zip")
        with pytest.raises(Unavailable, match="the connection broke off"):
            locate(toy(source))
        assert leftovers(home) == []
        site.cut.clear()
        assert locate(toy(source)).is_dir()

    def test_no_source_at_all(self, home: Path) -> None:
        unreachable = ArchiveSource(url="http://127.0.0.1:9/toy.zip", sha256="0" * 64, members=tuple(FILES))
        with pytest.raises(Unavailable) as caught:
            locate(toy(unreachable))
        message = str(caught.value)
        assert "\n" not in message
        assert "download http://127.0.0.1:9/toy.zip elsewhere" in message
        assert f"put ratings.txt, items.txt into {home / 'data' / 'toy'}" in message

    def test_offline_asks_nobody(self, site: Site) -> None:
        with pytest.raises(Unavailable, match="offline"):
            locate(toy(archive(site, zipped(FILES))), offline=True)
        assert site.asked == []

    @pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "toy/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"])
    def test_members_stay_inside(self, site: Site, home: Path, name: str) -> None:
        with pytest.raises(Unavailable, match="unsafe member"):
            locate(toy(archive(site, zipped(FILES | {name: b"!"}), members=())))
        assert leftovers(home) == []
        assert not list(home.parent.rglob("*evil*"))

    def test_symbolic_links_are_refused(self, site: Site) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as toy_zip:
            link = zipfile.ZipInfo("toy/ratings.txt")
            link.external_attr = 0o120777 << 16
            toy_zip.writestr(link, "/etc/passwd")
        with pytest.raises(Unavailable, match="unsafe member"):
            locate(toy(archive(site, buffer.getvalue(), members=())))

    def test_a_bomb_is_refused(self, site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(download, "LARGEST_TOTAL", 5000)
        with pytest.raises(Unavailable, match="would unpack to"):
            locate(toy(archive(site, zipped(FILES))))
        assert leftovers(home) == []

    def test_a_missing_member_is_named(self, site: Site) -> None:
        with pytest.raises(Unavailable, match=r"does not contain toy/items\.txt"):
            locate(toy(archive(site, zipped({"toy/ratings.txt": b""}))))

    def test_no_zip_file(self, site: Site, home: Path) -> None:
        with pytest.raises(Unavailable, match="not a readable zip file"):
            locate(toy(archive(site, b"<html>sign in first</html>")))
        assert leftovers(home) == []

    def test_a_home_that_cannot_be_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "file"))
        with pytest.raises(Unavailable, match="choose another folder with HARNESS_HOME"):
            locate(toy())


class TestNamedFolder:
    def test_it_is_used_as_it_is(self, tmp_path: Path, home: Path) -> None:
        for name in FILES:
            (tmp_path / Path(name).name).write_bytes(b"")
        assert locate(toy(), tmp_path) == tmp_path
        assert not home.exists()

    def test_missing_files_are_named(self, tmp_path: Path, site: Site) -> None:
        (tmp_path / "ratings.txt").write_bytes(b"")
        with pytest.raises(BadInput, match=r"missing items\.txt$"):
            locate(toy(archive(site, zipped(FILES))), tmp_path)
        assert site.asked == []

    def test_no_such_folder(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="no such folder"):
            locate(toy(), tmp_path / "nowhere")


class TestWheel:
    """pip itself, pointed at a folder of wheels instead of the index."""

    METADATA = "Metadata-Version: 2.1\nName: toywheel\nVersion: 1.0\n"
    MEMBERS = ("toywheel/data/ratings.txt", "toywheel/data/items.txt")

    @pytest.fixture
    def wheel(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
        content = zipped(
            dict.fromkeys(self.MEMBERS, b"data")
            | {
                "toywheel/__init__.py": b"raise SystemExit('imported')",
                "toywheel-1.0.dist-info/METADATA": self.METADATA.encode(),
                "toywheel-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
                "toywheel-1.0.dist-info/RECORD": b"",
            }
        )
        shelf = tmp_path / "shelf"
        shelf.mkdir()
        (shelf / "toywheel-1.0-py3-none-any.whl").write_bytes(content)
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
        return content

    def source(self, content: bytes) -> WheelSource:
        return WheelSource(requirement="toywheel==1.0", sha256=sha256(content), members=self.MEMBERS)

    def test_only_the_members_are_extracted(self, wheel: bytes, capfd: pytest.CaptureFixture[str]) -> None:
        folder = locate(toy(self.source(wheel)))
        assert sorted(path.name for path in folder.iterdir()) == ["items.txt", "ratings.txt", "source.json"]
        assert capfd.readouterr() == ("", ""), "pip's own output is captured"

    def test_a_wrong_checksum_stops(self, wheel: bytes, home: Path) -> None:
        with pytest.raises(Unavailable, match="SHA-256"):
            locate(toy(self.source(wheel + b"another")))
        assert leftovers(home) == []

    @pytest.mark.usefixtures("wheel")
    def test_pips_complaint_is_passed_on(self) -> None:
        absent = WheelSource(requirement="toywheel==2.0", sha256="0" * 64, members=self.MEMBERS)
        with pytest.raises(Unavailable, match=r"pip: No matching distribution found for toywheel==2\.0"):
            locate(toy(absent))

    def test_a_python_without_pip(self, wheel: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        python = tmp_path / "python"
        python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
        python.chmod(0o755)
        monkeypatch.setattr("sys.executable", str(python))
        with pytest.raises(Unavailable, match=r"this Python has no pip: run '.*python -m ensurepip'"):
            locate(toy(self.source(wheel)))
