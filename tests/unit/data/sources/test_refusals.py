"""What is refused, and the error that says what to do."""

import io
import zipfile
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.data.sources.fetch import locate
from harness.domain.card import ArchiveSource
from harness.spec.run_spec import dataset_of

from ._site import FILES, Site, archive, leftovers, sha256, toy, zipped


def test_a_wrong_checksum_stops(site: Site, home: Path) -> None:
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


def test_a_truncated_file_has_a_wrong_checksum(site: Site, home: Path) -> None:
    whole = zipped(FILES)
    with pytest.raises(Unavailable, match="SHA-256"):
        locate(toy(archive(site, whole[:100], sha256=sha256(whole))))
    assert leftovers(home) == []


def test_a_download_that_breaks_off_leaves_nothing(site: Site, home: Path) -> None:
    source = archive(site, zipped(FILES))
    site.cut.add("/toy.zip")
    with pytest.raises(Unavailable, match="the connection broke off"):
        locate(toy(source))
    assert leftovers(home) == []
    site.cut.clear()
    assert locate(toy(source)).is_dir()


def test_no_source_at_all(home: Path) -> None:
    unreachable = ArchiveSource(url="http://127.0.0.1:9/toy.zip", sha256="0" * 64, members=tuple(FILES))
    with pytest.raises(Unavailable) as caught:
        locate(toy(unreachable))
    message = str(caught.value)
    assert "\n" not in message
    assert "download http://127.0.0.1:9/toy.zip elsewhere" in message
    assert f"put toy.zip itself, or ratings.txt, items.txt into {home / 'data' / 'toy'}" in message


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize(
    ("name", "wanted"),
    [("alpharec", "cf_data/train.txt, cf_data/valid.txt, cf_data/test.txt"), ("recbole", "its files")],
)
def test_what_is_never_fetched_says_which_files_belong_where(home: Path, name: str, wanted: str, offline: bool) -> None:
    dataset = dataset_of(name, {})
    with pytest.raises(Unavailable) as caught:
        locate(dataset, offline=offline)
    message = str(caught.value)
    assert "\n" not in message
    assert f"get {wanted}" in message
    assert f"from {dataset.card.homepage} and name their folder by --data" in message
    assert message.endswith(f"or put them into {home / 'data' / name}")


def test_offline_asks_nobody(site: Site) -> None:
    with pytest.raises(Unavailable, match="offline"):
        locate(toy(archive(site, zipped(FILES))), offline=True)
    assert site.asked == []


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "toy/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"])
def test_members_stay_inside(site: Site, home: Path, name: str) -> None:
    with pytest.raises(Unavailable, match="unsafe member"):
        locate(toy(archive(site, zipped(FILES | {name: b"!"}), members=())))
    assert leftovers(home) == []
    assert not list(home.parent.rglob("*evil*"))


def test_symbolic_links_are_refused(site: Site) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as toy_zip:
        link = zipfile.ZipInfo("toy/ratings.txt")
        link.external_attr = 0o120777 << 16
        toy_zip.writestr(link, "/etc/passwd")
    with pytest.raises(Unavailable, match="unsafe member"):
        locate(toy(archive(site, buffer.getvalue(), members=())))


def test_a_bomb_is_refused(site: Site, home: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bomb:
        for name, content in FILES.items():
            bomb.writestr(name, content)
        for member in bomb.infolist():  # what the archive's own list of members declares
            member.file_size = 5 * 2**30
    with pytest.raises(Unavailable, match=r"would unpack to 10\.0 GiB, more than the 8 GiB allowed"):
        locate(toy(archive(site, buffer.getvalue())))
    assert leftovers(home) == []


def test_a_missing_member_is_named(site: Site) -> None:
    with pytest.raises(Unavailable, match=r"does not contain toy/items\.txt"):
        locate(toy(archive(site, zipped({"toy/ratings.txt": b""}))))


def test_no_zip_file(site: Site, home: Path) -> None:
    with pytest.raises(Unavailable, match="not a readable zip file"):
        locate(toy(archive(site, b"<html>sign in first</html>")))
    assert leftovers(home) == []


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="choose another folder with HARNESS_HOME"):
        locate(toy())
