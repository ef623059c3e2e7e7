"""Steam, Goodreads and Yelp are fetched file by file, at one commit of the repositories that hold them."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.base.errors import Unavailable
from harness.data.sources.fetch import locate
from harness.domain.card import FilesSource
from harness.plugins import Dataset
from harness.spec.run_spec import dataset_of
from tests.unit.datasets._published import PUBLISHED

from ._site import Site, leftovers, sha256

AT_A_COMMIT = re.compile(r"https://raw\.githubusercontent\.com/[\w-]+/[\w-]+/[0-9a-f]{40}/.+")


def served(name: str, site: Site, made: Path, *, pinned: bool = False) -> Dataset:
    """The data set, its files made up and served by ``site`` under the paths that they have in their repositories.

    Args:
        pinned: whether they must hash to what the project declares, which made-up ones do not
    """
    made.mkdir()
    PUBLISHED[name](made)
    dataset = dataset_of(name, {})
    (source,) = dataset.card.sources
    assert isinstance(source, FilesSource)
    files = []
    for file in source.files:
        content = (made / file.name).read_bytes()
        site.pages[urlsplit(file.url).path] = content
        changes = {} if pinned else {"sha256": sha256(content)}
        files.append(file.model_copy(update={"url": site.url + urlsplit(file.url).path, **changes}))
    sources = (FilesSource(files=tuple(files)),)
    dataset.card = dataset.card.model_copy(update={"sources": sources})
    return dataset


@pytest.mark.parametrize("name", PUBLISHED)
def test_all_that_is_read_is_fetched_and_nothing_else(name: str, site: Site, home: Path, tmp_path: Path) -> None:
    dataset = served(name, site, tmp_path / "made")
    said: list[str] = []
    folder = locate(dataset, say=said.append)
    assert folder == home / "data" / name
    assert sorted(site.asked) == sorted(site.pages)
    assert dataset.read(folder).interactions.equals(dataset.read(tmp_path / "made").interactions)
    assert f"licence of {dataset.card.title}: {dataset.card.licence}" in said
    assert f"please cite: {dataset.card.citation}" in said
    assert locate(dataset, offline=True) == folder, "from the cache, from now on"


@pytest.mark.parametrize("name", PUBLISHED)
def test_files_of_another_content_are_refused(name: str, site: Site, home: Path, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"its SHA-256 is [0-9a-f]{64}, but [0-9a-f]{64} is expected"):
        locate(served(name, site, tmp_path / "made", pinned=True))
    assert leftovers(home) == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_without_a_network_one_line_names_the_files(name: str, home: Path) -> None:
    dataset = dataset_of(name, {})
    (source,) = dataset.card.sources
    for member in source.members:
        with pytest.raises(Unavailable, match=rf"is offline: download .*{re.escape(member)}.* into {home}/data/{name}"):
            locate(dataset, offline=True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_addresses_cannot_come_to_mean_other_files(name: str) -> None:
    for file in dataset_of(name, {}).card.sources[0].downloads:
        assert AT_A_COMMIT.fullmatch(file.url)
        assert file.pinned
