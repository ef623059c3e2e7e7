"""Metrics' keys: what they are made of, and how they are written."""

from pathlib import Path

import polars as pl
import pytest

from harness.domain.metric_key import SPLITS, MetricKey, as_stored, of_split
from harness.study.records import read_records

RESULTS = Path(__file__).parents[3] / "results"

WRITTEN = {
    "test/ndcg_at_20": MetricKey("ndcg", 20, split="test"),
    "validation/genre/cv_at_10": MetricKey("cv", 10, "genre", split="validation"),
    "test/genre/utility_at_20/Drama": MetricKey("utility", 20, "genre", "Drama", "test"),
    "test/popularity/utility_at_5/top_at_5": MetricKey("utility", 5, "popularity", "top_at_5", "test"),
    "epoch/recall_at_20": MetricKey("recall", 20, split="epoch"),
    "train/loss": MetricKey("loss", split="train"),
    "train/group_loss/Sci-Fi": MetricKey("group_loss", group="Sci-Fi", split="train"),
    "train/group_weight_max": MetricKey("group_weight_max", split="train"),
    "selection/required_ndcg_at_20": MetricKey("required_ndcg", 20, split="selection"),
    "unfairness/prior": MetricKey("prior", split="unfairness"),
    "unfairness/b_trained/genre/cv_at_20": MetricKey("cv", 20, "b_trained/genre", split="unfairness"),
    "genre/cv_at_20": MetricKey("cv", 20, "genre"),
    "training_seconds": MetricKey("training_seconds"),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_a_key_is_read_as_it_is_written(text: str) -> None:
    assert MetricKey.parse(text) == WRITTEN[text]
    assert str(WRITTEN[text]) == text


def test_what_this_version_writes_is_what_committed_records_hold() -> None:
    files = [*RESULTS.glob("*/metrics.parquet"), *RESULTS.glob("*/curves.parquet")]
    keys = {key for file in files for key in pl.read_parquet(file)["key"]}
    assert len(keys) > 100
    assert {str(MetricKey.parse(key)) for key in keys} == keys
    parsed = [MetricKey.parse(key) for key in keys]
    assert {key.split for key in parsed} == {"", *SPLITS}
    runs = [run for file in RESULTS.glob("*/study.json") for run in read_records(file.parent).runs if run.finished]
    reported = {name for run in runs for name in run.spec["groups"]}
    assert {key.grouping for key in parsed if key.split == "test"} == {"", *reported}
    assert {key.name for key in parsed if key.group and key.split == "test"} == {"utility"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ndcg", "validation/ndcg_at_10"),
        ("{group}/cv", "validation/age/cv_at_10"),
        ("{group}/cv_at_50", "validation/age/cv_at_50"),
        ("recall_at_50", "validation/recall_at_50"),
        ("test/{group}/dp_at_20", "test/age/dp_at_20"),
        ("training_seconds", "training_seconds"),
        ("peak_memory_mb", "peak_memory_mb"),
    ],
)
def test_what_studies_declare_is_completed(text: str, expected: str) -> None:
    assert str(MetricKey.declared(text, "age", 10, "validation")) == expected


def test_what_people_read() -> None:
    cv = MetricKey("cv", 20, "genre", split="test")
    assert (cv.heading, cv.label) == ("CV@20", "CV@20 of genre")
    assert MetricKey("ndcg", 5).label == "NDCG@5"
    assert MetricKey("hit_rate", 5, split="test").label == "hit_rate@5"
    assert MetricKey("training_seconds").label == "training_seconds"


def test_one_split_of_what_a_store_keeps() -> None:
    found = {MetricKey("ndcg", 20): 0.3, MetricKey("cv", 20, "genre"): 0.2}
    stored = as_stored(found, "test") | as_stored(found, "validation") | {"training_seconds": 3.0}
    assert list(stored)[:2] == ["test/ndcg_at_20", "test/genre/cv_at_20"]
    assert of_split(stored, "validation") == found
    assert of_split(stored, "") == {MetricKey("training_seconds"): 3.0}


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("{group}/cv", "CV of the groups trained on"),
        ("{group}/min25_at_10", "MIN@10 of the groups trained on"),
        ("ndcg", "NDCG"),
        ("training_seconds", "training_seconds"),
    ],
)
def test_a_declared_metric_in_words(declared: str, words: str) -> None:
    assert MetricKey.in_words(declared) == words
