"""Interrupted downloads go on, mirrors stand in, and nothing of another version is glued on."""

from pathlib import Path
from random import Random

import pytest

from harness.base.errors import Unavailable
from harness.base.full_disk import DiskFull
from harness.data.sources.download import CHUNK_BYTES
from harness.data.sources.fetch import locate

from ._site import FILES, Site, archive, leftovers, toy, zipped

BIG = {**FILES, "toy/ratings.txt": Random(0).randbytes(10**6)}


def test_a_break_is_continued_within_the_same_call(site: Site) -> None:
    source = archive(site, content := zipped(BIG))
    site.tags["/toy.zip"], site.cut, site.once = '"v1"', {"/toy.zip"}, True
    assert (locate(toy(source)) / "ratings.txt").read_bytes() == BIG["toy/ratings.txt"]
    first, second = site.ranges
    assert first is None
    assert second is not None
    start = int(second.removeprefix("bytes=").removesuffix("-"))
    assert len(content) // 2 - CHUNK_BYTES <= start <= len(content) // 2


def test_a_later_call_goes_on_where_the_first_stopped(site: Site, home: Path) -> None:
    source = archive(site, content := zipped(BIG))
    site.tags["/toy.zip"], site.cut = '"v1"', {"/toy.zip"}
    with pytest.raises(Unavailable, match="the connection broke off"):
        locate(toy(source))
    arrived = (home / "data" / ".toy.downloads" / "toy.zip.part").stat().st_size
    assert len(content) / 2 < arrived < len(content)
    site.cut.clear()
    locate(toy(source))
    assert site.ranges[-1] == f"bytes={arrived}-"
    assert leftovers(home) == ["toy"]
    assert not (home / "data" / ".toy.downloads").exists()


def test_another_version_starts_again(site: Site) -> None:
    old = archive(site, zipped(BIG))
    site.tags["/toy.zip"], site.cut = '"v1"', {"/toy.zip"}
    with pytest.raises(Unavailable):
        locate(toy(old))
    new = archive(site, zipped({**BIG, "toy/items.txt": b"3 Three\n"}))
    site.tags["/toy.zip"] = '"v2"'
    site.cut.clear()
    assert (locate(toy(new)) / "items.txt").read_bytes() == b"3 Three\n"


@pytest.mark.parametrize("tag", ["", 'W/"v1"'])
def test_without_a_strong_validator_it_starts_again(site: Site, tag: str) -> None:
    source = archive(site, zipped(BIG))
    site.tags["/toy.zip"], site.cut = tag, {"/toy.zip"}
    with pytest.raises(Unavailable):
        locate(toy(source))
    site.cut.clear()
    locate(toy(source))
    assert set(site.ranges) == {None}


def test_a_part_that_is_whole_already_is_fetched_again(site: Site, home: Path) -> None:
    source = archive(site, content := zipped(BIG))
    site.tags["/toy.zip"], site.cut = '"v1"', {"/toy.zip"}
    with pytest.raises(Unavailable):
        locate(toy(source))
    (home / "data" / ".toy.downloads" / "toy.zip.part").write_bytes(content)  # killed before it was renamed
    site.cut.clear()
    locate(toy(source))
    assert site.ranges[-2:] == [f"bytes={len(content)}-", None]


def test_mirrors_stand_in(site: Site) -> None:
    source = archive(site, zipped(FILES), url=f"{site.url}/gone/toy.zip", mirrors=(f"{site.url}/toy.zip",))
    locate(toy(source))
    assert site.asked == ["/gone/toy.zip", "/toy.zip"]


def test_every_address_is_named_where_none_answers(site: Site) -> None:
    source = archive(site, zipped(FILES), url=f"{site.url}/gone/toy.zip", mirrors=(f"{site.url}/away/toy.zip",))
    with pytest.raises(Unavailable, match=r"gone/toy\.zip: HTTP status 404; .*away/toy\.zip: HTTP status 404"):
        locate(toy(source))


def test_a_file_larger_than_the_disk_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = archive(site, zipped(FILES))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(DiskFull, match=r"toy\.zip: 272 bytes are to come: no room for .* where 10 bytes are free"):
        locate(toy(source))
