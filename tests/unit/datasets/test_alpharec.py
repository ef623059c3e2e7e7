"""AlphaRec's released folders: parts put together, vectors by item number, nothing unpickled."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.data.sources.fetch import locate
from harness.spec.run_spec import dataset_of

V3 = "item_cf_embeds_large3_array.npy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cf_data").mkdir()
    (tmp_path / "item_info").mkdir()
    (tmp_path / "cf_data" / "train.txt").write_text("0 2 0 1\n1 3\n2\n")
    (tmp_path / "cf_data" / "valid.txt").write_text("0 3 \nuser 1\n\n1 2.5\n")
    (tmp_path / "cf_data" / "test.txt").write_text("1 0")
    vectors = np.arange(20, dtype=np.float64).reshape(5, 4)
    np.save(tmp_path / "item_info" / V3, vectors)
    return tmp_path


def test_the_parts_are_put_together(folder: Path) -> None:
    tables = dataset_of("alpharec", {}).read(folder)
    pairs = tables.interactions.select(pl.col("user", "item").cast(pl.String)).rows()
    assert tables.interactions["part"].to_list() == [0, 0, 0, 0, 1, 2]
    assert pairs == [("0", "2"), ("0", "0"), ("0", "1"), ("1", "3"), ("0", "3"), ("1", "0")]
    assert tables.skipped == {"interactions: lines that are not a user's and its items' numbers": 2}
    assert tables.items["item"].sort().to_list() == ["0", "1", "2", "3"]


def test_vectors_follow_the_items_numbers(folder: Path) -> None:
    dataset = dataset_of("alpharec", {})
    assert locate(dataset, folder) == folder
    vectors = dataset.vectors(pl.DataFrame({"item": ["3", "0"]}))
    assert vectors is not None
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, [[12, 13, 14, 15], [0, 1, 2, 3]])


def test_pickled_objects_are_refused(folder: Path) -> None:
    np.save(folder / "item_info" / V3, np.array([{"code": "any"}], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="not an array of numbers"):
        dataset_of("alpharec", {}).read(folder)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.zeros(5), r"not float64 of shape \(5,\)"),
        (np.zeros((5, 4), dtype=int), "not int64"),
        (np.zeros((3, 4)), "3 rows, but there is an item number 3"),
    ],
)
def test_vectors_that_do_not_fit(folder: Path, vectors: np.ndarray, message: str) -> None:
    np.save(folder / "item_info" / V3, vectors)
    with pytest.raises(BadInput, match=message):
        dataset_of("alpharec", {}).read(folder)


def test_values_that_are_not_finite(folder: Path) -> None:
    np.save(folder / "item_info" / V3, np.full((5, 4), np.nan))
    dataset = dataset_of("alpharec", {})
    dataset.read(folder)
    with pytest.raises(BadInput, match="not finite"):
        dataset.vectors(pl.DataFrame({"item": ["0"]}))


def test_another_language_models_file_is_named(folder: Path) -> None:
    bert = dataset_of("alpharec", {"vectors": "bert"})
    assert not bert.recognises(folder)
    with pytest.raises(BadInput, match=r"does not hold alpharec: missing item_info/item_cf_embeds_bert_array\.npy"):
        locate(bert, folder)
    with pytest.raises(BadInput, match=r"missing item_info/item_cf_embeds_bert_array\.npy"):
        bert.read(folder)
    np.save(folder / "item_info" / "item_cf_embeds_bert_array.npy", np.ones((4, 2), dtype=np.float32))
    assert bert.read(folder).items.height == 4
