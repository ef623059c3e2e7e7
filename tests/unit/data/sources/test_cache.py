"""Fetched once, all or nothing, found again."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.data.sources.fetch import locate
from harness.domain.card import ArchiveSource

from ._site import FILES, Site, archive, leftovers, sha256, toy, zipped


def test_members_land_without_their_common_folder(site: Site, home: Path) -> None:
    folder = locate(toy(archive(site, zipped(FILES | {"toy/not wanted": b""}))))
    assert folder == home / "data" / "toy"
    assert sorted(path.name for path in folder.iterdir()) == ["items.txt", "ratings.txt", "source.json"]
    assert (folder / "ratings.txt").read_bytes() == FILES["toy/ratings.txt"]
    assert leftovers(home) == ["toy"]


def test_all_members_where_none_is_named(site: Site) -> None:
    folder = locate(toy(archive(site, zipped(FILES | {"toy/deep/more": b"x"}), members=())))
    assert (folder / "deep" / "more").read_bytes() == b"x"


def test_the_source_is_noted(site: Site) -> None:
    content = zipped(FILES)
    note = json.loads((locate(toy(archive(site, content))) / "source.json").read_text())
    assert note["source"] == f"{site.url}/toy.zip"
    assert note["downloads"] == {"toy.zip": sha256(content)}


def test_licence_and_citation_are_shown_once(site: Site) -> None:
    dataset, said = toy(archive(site, zipped(FILES))), []
    locate(dataset, say=said.append)
    locate(dataset, say=said.append)
    assert sum("free for all" in line for line in said) == 1
    assert sum("Toy (2025)" in line for line in said) == 1


def test_the_cache_needs_no_network(site: Site) -> None:
    dataset = toy(archive(site, zipped(FILES)))
    first = locate(dataset)
    assert locate(dataset, offline=True) == first
    assert site.asked == ["/toy.zip"]


def test_processes_at_once_download_once(site: Site) -> None:
    dataset = toy(archive(site, zipped(FILES)))
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: locate(dataset), range(4)))
    assert len(found) == 1
    assert site.asked == ["/toy.zip"]


def test_the_next_source_where_one_does_not_answer(site: Site) -> None:
    missing = ArchiveSource(url=f"{site.url}/moved.zip", sha256="0" * 64)
    said: list[str] = []
    locate(toy(missing, archive(site, zipped(FILES))), say=said.append)
    assert site.asked == ["/moved.zip", "/toy.zip"]
    assert any("moved.zip: HTTP status 404" in line for line in said)


def test_an_incomplete_folder_is_moved_aside(site: Site, home: Path) -> None:
    broken = home / "data" / "toy"
    broken.mkdir(parents=True)
    (broken / "items.txt").write_text("mine")
    said: list[str] = []
    locate(toy(archive(site, zipped(FILES))), say=said.append)
    (aside,) = (home / "data").glob("toy.incomplete-*/toy/items.txt")
    assert aside.read_text() == "mine"
    assert any("was moved to" in line for line in said)


def test_what_a_killed_process_left_is_removed(site: Site, home: Path) -> None:
    (home / "data" / ".toy~abandoned").mkdir(parents=True)
    locate(toy(archive(site, zipped(FILES))))
    assert leftovers(home) == ["toy"]
