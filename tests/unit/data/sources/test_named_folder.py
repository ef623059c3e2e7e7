"""A folder the user names is used as it is."""

from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.data.sources.fetch import locate

from ._site import FILES, Site, archive, toy, zipped


def test_it_is_used_as_it_is(tmp_path: Path, home: Path) -> None:
    for name in FILES:
        (tmp_path / Path(name).name).write_bytes(b"")
    assert locate(toy(), tmp_path) == tmp_path
    assert not home.exists()


def test_missing_files_are_named(tmp_path: Path, site: Site) -> None:
    (tmp_path / "ratings.txt").write_bytes(b"")
    with pytest.raises(BadInput, match=r"missing items\.txt$"):
        locate(toy(archive(site, zipped(FILES))), tmp_path)
    assert site.asked == []


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        locate(toy(), tmp_path / "nowhere")
