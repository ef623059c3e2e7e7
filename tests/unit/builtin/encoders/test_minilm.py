"""The real all-MiniLM-L6-v2, where this machine has it: its vectors, its fingerprint, and what is refused."""

import importlib.util
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from harness.base.errors import Unavailable
from harness.base.hashes import SETTLED_NS
from harness.base.sealed import read_sealed, write_sealed
from harness.builtin.encoders.all_minilm_l6_v2 import PACKAGE, AllMiniLML6V2
from harness.vectors.embeddings import embed
from harness.vectors.sentence_transformer import FolderEncoder

TEXTS = ["Toy Story", "GoldenEye", "", "Misérables, Les", "A cartoon about toys"]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec(PACKAGE) is None:
        missing("the extra 'offline' is not installed")
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


@pytest.fixture
def packaged(hub: Path) -> Path:
    return AllMiniLML6V2().locate()


@pytest.fixture
def copy(packaged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged, tmp_path / "copy"))


def elsewhere(folder: Path) -> AllMiniLML6V2:
    """The encoder with its files in ``folder``."""

    class Elsewhere(AllMiniLML6V2):
        def locate(self) -> Path:
            return folder

    return Elsewhere()


def test_vectors() -> None:
    told: list[tuple[int, int]] = []
    vectors = AllMiniLML6V2(batch_size=1).encode(TEXTS * 2, lambda done, total: told.append((done, total)))
    assert vectors.shape == (10, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[:5], vectors[5:])
    assert told == [(8, 10), (10, 10)]


def test_meaning_and_order() -> None:
    vectors = AllMiniLML6V2().encode(TEXTS)
    similar = vectors @ vectors[4]
    assert similar[0] == max(similar[:4]), "Toy Story is the closest to a cartoon about toys"


def test_the_same_twice() -> None:
    assert np.array_equal(AllMiniLML6V2().encode(TEXTS), AllMiniLML6V2().encode(TEXTS))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    embed(TEXTS, AllMiniLML6V2())
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("packaged")
def test_the_fingerprint_is_of_the_files_not_of_the_place(copy: Path) -> None:
    (copy / "README.md").unlink()
    (copy / "data_config.json").unlink()
    (copy / "vocab.txt").unlink()
    assert FolderEncoder(copy).fingerprint() == AllMiniLML6V2().fingerprint()


def test_the_fingerprint_covers_weights_tokeniser_and_settings(copy: Path) -> None:
    seen = {FolderEncoder(copy).fingerprint(), FolderEncoder(copy, batch_size=3).fingerprint()}
    for name in ("model.safetensors", "tokenizer.json", "1_Pooling/config.json", "modules.json"):
        with (copy / name).open("ab") as file:
            file.write(b" ")
        seen.add(FolderEncoder(copy).fingerprint())
    assert len(seen) == 6


def test_other_weights_are_refused(copy: Path) -> None:
    with (copy / "model.safetensors").open("ab") as file:
        file.write(b" ")
    with pytest.raises(Unavailable, match=r"model\.safetensors has SHA-256 .*, but 53aa5117.* is expected"):
        elsewhere(copy).fingerprint()


def test_only_safetensors_are_loaded(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(Unavailable, match=r"holds no \.safetensors weights"):
        FolderEncoder(copy).fingerprint()


def test_a_damaged_model_is_named(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(Unavailable, match="encoder 'folder' cannot be loaded from") as caught:
        FolderEncoder(copy).encode(TEXTS)
    assert "\n" not in str(caught.value)


def test_weights_are_read_once_and_again_when_they_are_checked(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns
    monkeypatch.setattr("time.time_ns", lambda: now() + 10 * SETTLED_NS)
    encoder = elsewhere(copy)
    fingerprint = encoder.fingerprint()
    notes = (tmp_path / "home" / "cache" / "fingerprints").iterdir()
    (note,) = (note for note in notes if b"model.safetensors" in note.read_bytes())
    true = read_sealed(note)
    assert true is not None
    write_sealed(note, json.dumps(json.loads(true) | {"sha256": "0" * 64}).encode())
    with pytest.raises(Unavailable, match=f"has SHA-256 {'0' * 64}"):  # what is noted is believed
        elsewhere(copy).fingerprint()
    with pytest.raises(Unavailable, match="its content has changed"):  # and not where the files are read again
        encoder.check()
    write_sealed(note, true)
    encoder.check()
    assert elsewhere(copy).fingerprint() == fingerprint
