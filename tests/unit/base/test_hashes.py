"""Hashes of large files: read once, and again whenever somebody has written to them."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from harness.base.errors import Unavailable
from harness.base.hashes import ABSENT, SETTLED_NS, WORTH_NOTING, named_hashes, sha256
from harness.base.sealed import read_sealed, write_sealed


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    path = tmp_path / "weights"
    path.write_bytes(b"w" * WORTH_NOTING)
    return path


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time has gone by since anything was written."""
    now = time.time_ns
    monkeypatch.setattr("time.time_ns", lambda: now() + 2 * SETTLED_NS)


def expected(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def note_of(weights: Path) -> Path:
    (note,) = (weights.parent / "home" / "cache" / "fingerprints").iterdir()
    return note


def forge(weights: Path) -> str:
    """Let the note say another hash, which is given back: who answers with it has not read the file."""
    note, forged = note_of(weights), "0" * 64
    content = read_sealed(note)
    assert content is not None
    write_sealed(note, json.dumps(json.loads(content) | {"sha256": forged}).encode())
    return forged


@pytest.mark.usefixtures("settled")
def test_a_large_file_is_read_once(weights: Path) -> None:
    assert sha256(weights) == expected(weights)
    forged = forge(weights)
    assert sha256(weights) == forged
    with pytest.raises(Unavailable, match="is damaged: its content has changed, its size and times have not"):
        sha256(weights, again=True)
    weights.touch()
    assert sha256(weights, again=True) == expected(weights), "what somebody has written is no damage"


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("place", [0, 20, -1])
def test_a_bit_of_a_note_that_has_changed(weights: Path, place: int) -> None:
    sha256(weights)
    content = bytearray(note_of(weights).read_bytes())
    content[place] ^= 1
    note_of(weights).write_bytes(content)
    assert sha256(weights) == sha256(weights, again=True) == expected(weights)


@pytest.mark.usefixtures("settled")
def test_another_content_of_the_same_size_and_date(weights: Path) -> None:
    before = weights.stat()
    sha256(weights)
    weights.write_bytes(b"v" * WORTH_NOTING)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert sha256(weights) == expected(weights)


@pytest.mark.usefixtures("settled")
def test_another_file_in_its_place(weights: Path) -> None:
    sha256(weights)
    other = weights.with_name("other")
    other.write_bytes(b"o" * WORTH_NOTING)
    other.replace(weights)
    assert sha256(weights) == expected(weights)


def test_a_file_that_was_just_written_is_not_noted(weights: Path) -> None:
    assert sha256(weights) == expected(weights)
    assert not (weights.parent / "home").exists()


@pytest.mark.usefixtures("settled")
def test_small_files_are_not_noted(weights: Path) -> None:
    weights.write_bytes(b"small")
    assert sha256(weights) == expected(weights)
    assert not (weights.parent / "home").exists()


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b"nonsense", b"\xff"])
@pytest.mark.usefixtures("settled")
def test_a_damaged_note_is_ignored(weights: Path, damage: bytes) -> None:
    sha256(weights)
    note_of(weights).write_bytes(damage)
    assert sha256(weights) == expected(weights)


@pytest.mark.usefixtures("settled")
def test_a_cache_that_cannot_be_written(weights: Path) -> None:
    (weights.parent / "home").write_text("a file where a folder should be")
    assert sha256(weights) == expected(weights)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="gone: No such file"):
        sha256(tmp_path / "gone")


def test_files_are_named_within_their_folder(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    inside = tmp_path / "parts" / "first"
    inside.write_bytes(b"1")
    found = named_hashes([inside, weights, tmp_path / "parts" / "second"], tmp_path / "parts")
    assert found == [("first", expected(inside)), (weights.as_posix(), expected(weights)), ("second", ABSENT)]
