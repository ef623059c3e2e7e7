"""Checksums: declared by SHA-256 or MD5, or noted at the first fetch and verified afterwards."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.data.sources.fetch import locate
from harness.domain.card import FilesSource, RemoteFile

from ._site import FILES, Site, archive, leftovers, sha256, toy, zipped


def plain_files(site: Site) -> FilesSource:
    for name, content in FILES.items():
        site.pages[f"/{Path(name).name}"] = content
    return FilesSource(files=tuple(RemoteFile(url=f"{site.url}/{Path(name).name}") for name in FILES))


def test_many_files_of_one_folder_are_called_by_it() -> None:
    files = [RemoteFile(url=f"https://host.org/data/{name}") for name in ("a", "b", "c")]
    assert FilesSource(files=tuple(files)).place == "3 files of https://host.org/data"
    elsewhere = RemoteFile(url="https://other.org/c")
    assert FilesSource(files=(*files[:2], elsewhere)).place == (
        "https://host.org/data/a and https://host.org/data/b and https://other.org/c"
    )


def test_an_md5_that_agrees(site: Site) -> None:
    content = zipped(FILES)
    assert locate(toy(archive(site, content, sha256=None, md5=hashlib.md5(content).hexdigest()))).is_dir()


def test_an_md5_that_does_not(site: Site, home: Path) -> None:
    with pytest.raises(Unavailable, match="its MD5 is"):
        locate(toy(archive(site, zipped(FILES), sha256=None, md5="0" * 32)))
    assert leftovers(home) == []


def test_without_a_checksum_the_first_fetch_is_noted(site: Site) -> None:
    note = json.loads((locate(toy(plain_files(site))) / "source.json").read_text())
    assert note["downloads"] == {Path(name).name: sha256(content) for name, content in FILES.items()}
    assert note["files"]["items.txt"] == {"size": len(FILES["toy/items.txt"]), "sha256": sha256(FILES["toy/items.txt"])}


def test_what_is_fetched_again_must_agree_with_the_first_fetch(site: Site) -> None:
    source = plain_files(site)
    folder = locate(toy(source))
    (folder / "items.txt").unlink()
    site.pages["/items.txt"] = b"something else"
    with pytest.raises(Unavailable, match=r"when it was first fetched.*remove the old source\.json"):
        locate(toy(source))
    site.pages["/items.txt"] = FILES["toy/items.txt"]
    assert (locate(toy(source)) / "items.txt").read_bytes() == FILES["toy/items.txt"]


def test_a_change_is_accepted_where_the_note_was_removed(site: Site) -> None:
    source = plain_files(site)
    folder = locate(toy(source))
    (folder / "items.txt").unlink()
    (folder / "source.json").unlink()
    site.pages["/items.txt"] = b"something else"
    assert (locate(toy(source)) / "items.txt").read_bytes() == b"something else"


def test_one_file_that_does_not_answer_keeps_the_other_for_later(site: Site, home: Path) -> None:
    source = plain_files(site)
    items = site.pages.pop("/items.txt")
    with pytest.raises(Unavailable, match=r"items\.txt: HTTP status 404"):
        locate(toy(source))
    assert leftovers(home) == []
    site.pages["/items.txt"] = items
    locate(toy(source))
    assert site.asked.count("/ratings.txt") == 1


class TestCachedFiles:
    def test_another_size_is_noticed_by_every_run(self, site: Site) -> None:
        folder = locate(toy(archive(site, zipped(FILES))))
        (folder / "items.txt").write_bytes(b"2 Two and more\n")
        with pytest.raises(Unavailable, match=r"items\.txt is no longer what was fetched: remove"):
            locate(toy(archive(site, zipped(FILES))))

    @pytest.mark.parametrize("thoroughly", [False, True])
    def test_other_bytes_are_noticed_too(self, site: Site, thoroughly: bool) -> None:
        folder = locate(toy(archive(site, zipped(FILES))))
        (folder / "items.txt").write_bytes(b"3 Two\n")
        with pytest.raises(Unavailable, match=r"items\.txt is no longer what was fetched"):
            locate(toy(archive(site, zipped(FILES))), thoroughly=thoroughly)

    def test_a_damaged_note_is_said(self, site: Site) -> None:
        folder = locate(toy(archive(site, zipped(FILES))))
        (folder / "source.json").write_text("{")
        with pytest.raises(Unavailable, match=r"source\.json is damaged"):
            locate(toy(archive(site, zipped(FILES))))


class TestByHand:
    def test_files_put_into_the_cache_are_taken_as_they_are(self, site: Site, home: Path) -> None:
        folder = home / "data" / "toy"
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / Path(name).name).write_bytes(b"mine")
        assert locate(toy(archive(site, zipped(FILES))), offline=True, thoroughly=True) == folder

    def test_the_archive_itself_is_unpacked_without_a_network(self, site: Site, home: Path) -> None:
        source = archive(site, content := zipped(FILES))
        (home / "data" / "toy").mkdir(parents=True)
        (home / "data" / "toy" / "toy.zip").write_bytes(content)
        assert (locate(toy(source), offline=True) / "items.txt").read_bytes() == FILES["toy/items.txt"]
        assert site.asked == []

    def test_a_damaged_archive_is_refused_and_kept(self, site: Site, home: Path) -> None:
        source = archive(site, content := zipped(FILES))
        placed = home / "data" / "toy" / "toy.zip"
        placed.parent.mkdir(parents=True)
        placed.write_bytes(content[:-1])
        with pytest.raises(Unavailable, match=r"toy\.zip: its SHA-256"):
            locate(toy(source), offline=True)
        assert placed.is_file()

    def test_offline_names_the_files_and_their_place(self, site: Site, home: Path) -> None:
        with pytest.raises(Unavailable) as caught:
            locate(toy(archive(site, zipped(FILES))), offline=True)
        place = home / "data" / "toy"
        assert f"download {site.url}/toy.zip elsewhere" in str(caught.value)
        assert f"put toy.zip itself, or ratings.txt, items.txt into {place}" in str(caught.value)
        with pytest.raises(Unavailable) as caught:
            locate(toy(plain_files(site)), offline=True)
        assert f"{site.url}/ratings.txt and {site.url}/items.txt elsewhere and put ratings.txt, items.txt" in str(
            caught.value
        )


def test_data_sets_whose_names_begin_alike_leave_each_other_alone(site: Site, home: Path) -> None:
    """A fetch in progress of ``toy-2`` is not swept away by one of ``toy``."""
    other = home / "data" / ".toy-2~inprogress"
    other.mkdir(parents=True)
    locate(toy(archive(site, zipped(FILES))))
    assert other.is_dir()
    shutil.rmtree(other)


@pytest.mark.parametrize(
    "damaged",
    [
        b"", b"{}", b"[]", b"null", b"{", b"\xff", b'{"files": {}}',
        b'{"source": "x", "date": "y", "downloads": {}, "files": {"items.txt": {"size": 3}}}',
        b'{"source": "x", "date": "y", "downloads": {}, "files": {"items.txt": 3}}',
        b'{"source": "x", "date": "y", "downloads": [], "files": {}}',
    ],
)  # fmt: skip
def test_a_note_that_is_not_what_was_written_is_one_line(site: Site, damaged: bytes) -> None:
    dataset = toy(plain_files(site))
    (locate(dataset) / "source.json").write_bytes(damaged)
    with pytest.raises(Unavailable, match=r"source\.json is damaged: remove .* to fetch the data again, or only its"):
        locate(dataset)


def test_a_file_over_plain_http_without_a_checksum_is_said(site: Site) -> None:
    said: list[str] = []
    locate(toy(plain_files(site)), say=said.append)
    warned = [line for line in said if line.startswith("warning: ")]
    assert len(warned) == len(FILES)
    assert "has no published checksum and came over plain http" in warned[0]
    assert "plain http: whoever is on the way could change it" in plain_files(site).checksum


def test_a_file_with_a_checksum_may_come_over_plain_http(site: Site) -> None:
    said: list[str] = []
    locate(toy(archive(site, zipped(FILES))), say=said.append)
    assert not [line for line in said if line.startswith("warning: ")]
    assert "plain http" not in archive(site, zipped(FILES)).checksum


def test_no_source_of_ours_is_silent_about_plain_http() -> None:
    from harness.plugins.registry import registry

    for entry in registry.entries("dataset"):
        for source in entry.load().card.sources:
            for file in getattr(source, "downloads", ()):
                plain = any(url.startswith("http://") for url in file.urls)
                assert file.pinned or ("plain http" in file.checksum) is plain, file.url
