"""all-mpnet-base-v2: the nearest copy, and where there is none what the network has; its files are checked."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.builtin.encoders.all_mpnet_base_v2 import FILES, REPOSITORY, AllMpnetBaseV2
from harness.domain.card import WheelSource

WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Path) -> Path:
    """The harness's own folder for it, empty; and the hub has nothing on this machine."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path / "models" / "all-mpnet-base-v2"


def fill(folder: Path, names: tuple[str, ...] = FILES) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def on_a_shelf(archive: bytes, shelf: Path, n_parts: int = 2) -> list[WheelSource]:
    """Wheels in the folder ``shelf``, for pip, that carry the pieces of ``archive``."""
    shelf.mkdir()
    step = -(-len(archive) // n_parts)
    parts = []
    for number in range(n_parts):
        member, info = f"p{number}/m.zip.{number:03}", f"part_{number}-1.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: part-{number}\nVersion: 1\n".encode()
        files = {f"{info}/METADATA": metadata, f"{info}/WHEEL": WHEEL, f"{info}/RECORD": b""}
        wheel = zipped({member: archive[number * step : (number + 1) * step], **files})
        (shelf / f"part_{number}-1-py3-none-any.whl").write_bytes(wheel)
        digest = hashlib.sha256(wheel).hexdigest()
        parts.append(WheelSource(requirement=f"part-{number}==1", sha256=digest, members=(member,)))
    return parts


def test_the_hubs_copy_is_preferred(own: Path, hub: Path) -> None:
    fill(own)
    assert AllMpnetBaseV2().locate() == own
    cached = hub / f"models--{REPOSITORY.replace('/', '--')}"
    fill(cached / "snapshots" / "abc")
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text("abc")
    assert AllMpnetBaseV2().locate() == cached / "snapshots" / "abc"


def test_offline_says_what_to_place_where(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Unavailable, match=r"is offline: download .*put config\.json, .* into") as caught:
        AllMpnetBaseV2().locate()
    assert str(caught.value).endswith(str(own))


def test_an_incomplete_copy_says_what_is_missing(own: Path) -> None:
    fill(own, FILES[:2])
    with pytest.raises(Unavailable, match=r"is incomplete: add model\.safetensors, modules\.json, "):
        AllMpnetBaseV2().locate()


def test_the_hub_first_then_the_index(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped({f"all-mpnet-base-v2/{name}": b"{}" for name in FILES})

    class FromTheShelf(AllMpnetBaseV2):
        parts = on_a_shelf(archive, tmp_path / "shelf")

    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    said: list[str] = []
    assert FromTheShelf(say=said.append).locate() == own
    assert said[0] == "fetching all-mpnet-base-v2 (438 MB, Apache-2.0)"
    assert said[1].endswith("the Hugging Face hub cannot be reached: trying the package index")
    with pytest.raises(Unavailable, match=r"model\.safetensors has SHA-256 .* but 78c0197b"):
        FromTheShelf().fingerprint()
