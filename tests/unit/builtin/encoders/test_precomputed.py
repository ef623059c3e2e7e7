"""Vectors from files, found by item id."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import save_file

from harness.base.errors import BadInput
from harness.builtin.encoders.precomputed import Precomputed, PrecomputedConfig
from harness.spec.build import build_spec

IDS = ["10", "7", "tt3", "é"]
MATRIX = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    np.save(tmp_path / "vectors.npy", MATRIX)
    return tmp_path / "vectors.npy"


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    (tmp_path / "ids.txt").write_text("\n".join(IDS) + "\n", encoding="utf-8")
    return tmp_path / "ids.txt"


def encoder(vectors: Path, ids: Path, **options: Any) -> Precomputed:
    return Precomputed(PrecomputedConfig(vectors=vectors, ids=ids, **options))


def test_rows_are_found_by_id(vectors: Path, ids: Path) -> None:
    found = encoder(vectors, ids).encode(["é", "10", "tt3"])
    assert found.dtype == np.float32
    assert np.array_equal(found, MATRIX[[3, 0, 2]])


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_ids_in_a_column_of_a_table(vectors: Path, tmp_path: Path, ending: str) -> None:
    table = pl.DataFrame({"title": ["a,b", "c", "d", "e"], "asin": [" 010", "7", "11", "12"]})
    path = tmp_path / f"items.{ending}"
    if ending == "parquet":
        table.write_parquet(path)
    else:
        table.write_csv(path, separator="," if ending == "csv" else "\t")
    found = encoder(vectors, path, id_column="asin").encode(["12", "010"])
    assert np.array_equal(found, MATRIX[[3, 0]]), "ids are text: their zeros stay"
    with pytest.raises(BadInput, match=r"several columns: choose encoder\.options\.id_column from title, asin"):
        encoder(vectors, path).encode(["12"])
    with pytest.raises(BadInput, match="'asn': did you mean 'asin'"):
        encoder(vectors, path, id_column="asn").encode(["12"])


def test_whole_numbers_of_a_parquet_column_are_ids(vectors: Path, tmp_path: Path) -> None:
    pl.DataFrame({"item": [1, 2, 3, 40]}).write_parquet(tmp_path / "ids.parquet")
    assert np.array_equal(encoder(vectors, tmp_path / "ids.parquet").encode(["40"]), MATRIX[3:])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_safetensors(ids: Path, tmp_path: Path, dtype: torch.dtype) -> None:
    path = tmp_path / "v.safetensors"
    save_file({"items": torch.from_numpy(MATRIX).to(dtype), "users": torch.zeros(2, 3)}, path)
    assert np.array_equal(encoder(path, ids, tensor="items").encode(["7", "10"]), MATRIX[[1, 0]])
    with pytest.raises(BadInput, match=r"several tensors: choose encoder\.options\.tensor from items, users"):
        encoder(path, ids).encode(["7"])
    with pytest.raises(BadInput, match="'item': did you mean 'items'"):
        encoder(path, ids, tensor="item").encode(["7"])
    with pytest.raises(BadInput, match="2 vectors for 4 ids"):
        encoder(path, ids, tensor="users").encode(["7"])


def test_missing_ids_are_counted_and_named(vectors: Path, ids: Path) -> None:
    with pytest.raises(BadInput, match=r"4 of 5 items have no vector: '1', '2', '3', …: add their rows"):
        encoder(vectors, ids).encode(["1", "7", "2", "3", "4"])
    with pytest.raises(
        BadInput, match=r"none of the 2 items' ids \('1', '2'\) is among its own \('10', '7', 'tt3', …\)"
    ):
        encoder(vectors, ids).encode(["1", "2"])


@pytest.mark.parametrize(
    ("matrix", "complaint"),
    [
        (MATRIX[:3], "3 vectors for 4 ids"),
        (MATRIX.ravel(), r"float32 of shape \(12,\): real numbers of shape \(rows, d\)"),
        (MATRIX.reshape(4, 3, 1), r"of shape \(4, 3, 1\)"),
        (MATRIX[:, :0], r"of shape \(4, 0\)"),
        (MATRIX.astype(int), "int64 of shape"),
        (MATRIX.astype(complex), "complex128"),
    ],
)
def test_wrong_shapes_and_types(tmp_path: Path, ids: Path, matrix: np.ndarray, complaint: str) -> None:
    np.save(tmp_path / "wrong.npy", matrix)
    with pytest.raises(BadInput, match=complaint):
        encoder(tmp_path / "wrong.npy", ids).encode(["7"])


def test_pickles_are_not_loaded(tmp_path: Path, ids: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}] * 4, dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="not an array of numbers"):
        encoder(tmp_path / "objects.npy", ids).encode(["7"])


@pytest.mark.parametrize("name", ["v.npy", "v.safetensors"])
def test_damaged_files(tmp_path: Path, ids: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="not a"):
        encoder(tmp_path / name, ids).encode(["7"])


def test_other_endings_and_missing_files(tmp_path: Path, vectors: Path, ids: Path) -> None:
    with pytest.raises(BadInput, match=r"a \.npy or \.safetensors file is needed"):
        encoder(ids, ids).encode(["7"])
    with pytest.raises(BadInput, match=r"encoder\.options\.vectors: .*gone\.npy: no such file"):
        encoder(tmp_path / "gone.npy", ids).fingerprint()
    with pytest.raises(BadInput, match=r"encoder\.options\.ids: .*gone\.txt: no such file"):
        encoder(vectors, tmp_path / "gone.txt").fingerprint()


@pytest.mark.parametrize(
    ("content", "complaint"), [("1\n2\n1\n2\n", "2 ids occur more"), ("1\n\n3\n4\n", "1 rows have no id")]
)
def test_ids_are_given_and_unique(tmp_path: Path, vectors: Path, content: str, complaint: str) -> None:
    (tmp_path / "ids.txt").write_text(content)
    with pytest.raises(BadInput, match=complaint):
        encoder(vectors, tmp_path / "ids.txt").encode(["1"])


def test_values_that_are_not_finite_are_named_where_they_are_needed(tmp_path: Path, ids: Path) -> None:
    matrix = MATRIX.copy()
    matrix[1, 1] = np.nan
    np.save(tmp_path / "nan.npy", matrix)
    assert encoder(tmp_path / "nan.npy", ids).encode(["10"]).shape == (1, 3)
    with pytest.raises(BadInput, match="1 items' vectors are not finite numbers: '7'"):
        encoder(tmp_path / "nan.npy", ids).encode(["10", "7"])


def test_the_fingerprint_is_of_the_contents(vectors: Path, ids: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (vectors, ids):
        (moved / path.name).write_bytes(path.read_bytes())
    first = encoder(vectors, ids).fingerprint()
    assert encoder(moved / vectors.name, moved / ids.name).fingerprint() == first
    assert encoder(vectors, ids, id_column="x").fingerprint() != first
    np.save(vectors, MATRIX + 1)
    assert encoder(vectors, ids).fingerprint() != first


def test_a_spec_knows_the_files_wherever_it_is_read(vectors: Path, ids: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(vectors.parent)
    options = {"vectors": vectors.name, "ids": ids.name}
    spec = build_spec({"encoder": {"name": "precomputed", "options": options}})
    assert spec.encoder.options == PrecomputedConfig(vectors=vectors, ids=ids)
    assert build_spec(spec.model_dump(mode="json")) == spec
    with pytest.raises(BadInput, match=r"'encoder\.options\.vectors' is missing: add it \(a \.npy or"):
        build_spec({"encoder": {"name": "precomputed"}})
