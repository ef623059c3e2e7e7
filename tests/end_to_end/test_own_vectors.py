"""Vectors that one machine has written are read by another, by a study beside a language model of its own."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from harness.builtin.encoders.precomputed import Precomputed, PrecomputedConfig
from harness.cli.app import main
from harness.study.records import Record, read_records
from harness.track import open_tracker

WORDS = ("red", "blue", "old", "new", "house", "garden", "winter", "song", "river", "night")
STUDY = """
summary = "the same vectors by two ways"
methods = ["alpharec"]

[base]
"data.core" = 5
"training.max_epochs" = 1
"evaluation.origins" = false

[[points]]
"encoder.name" = "tfidf-svd"

[[points]]
"encoder.name" = "precomputed"
"encoder.options.vectors" = "{there}/vectors.npy"
"encoder.options.ids" = "{there}/items.parquet"
"encoder.options.id_column" = "item"

[budgets.default]
seeds = [0]
"""


@pytest.fixture
def card(own_card: Path, tmp_path: Path) -> str:
    """Items whose numbers are not in the order in which runs have them."""
    draw = np.random.default_rng(0)
    pairs = {(int(user), int(item)) for user in range(40) for item in draw.choice(30, 15, replace=False)}
    (tmp_path / "t.csv").write_text("\n".join(["u,i", *(f"{user},{item}" for user, item in sorted(pairs))]))
    titles = [f"{item},{' '.join(draw.choice(WORDS, 3))} {item}" for item in draw.permutation(30)]
    (tmp_path / "items.csv").write_text("\n".join(["i,title", *titles]))
    return str(own_card)


def measured(record: Record) -> dict[str, float]:
    return {key: value for key, value in record.metrics.items() if key.startswith(("test/", "validation/"))}


def test_exported_vectors_are_worth_what_the_model_is(card: str, tmp_path: Path) -> None:
    there, home = tmp_path / "there", ["--home", str(tmp_path / "home"), "--offline"]
    asked = ["--set", "encoder.name=tfidf-svd", "--vectors"]
    assert main(["data", "export", card, str(there), *asked, *home]) == 0
    ids = pl.read_parquet(there / "items.parquet")["item"].to_list()
    config = PrecomputedConfig(vectors=there / "vectors.npy", ids=there / "items.parquet", id_column="item")
    assert np.array_equal(Precomputed(config).encode(ids[::-1]), np.load(there / "vectors.npy")[::-1])

    study = tmp_path / "twice.toml"
    study.write_text(STUDY.replace("{there}", there.as_posix()))
    assert main(["run", "--study", str(study), "--dataset", card, "--threads", "1", "--plain", *home]) == 0
    tracker = open_tracker(f"sqlite:///{tmp_path / 'home/mlflow/mlflow.db'}", None)
    parent = tracker.find({"study": "twice"})
    assert parent is not None
    for file in ("study.json", "runs.parquet", "metrics.parquet", "curves.parquet"):
        (tmp_path / file).write_bytes(tracker.artifact(parent.id, f"records/{file}"))
    encoded, read = read_records(tmp_path).runs
    assert encoded.run != read.run
    assert measured(encoded) == measured(read)
    assert len(measured(encoded)) > 10


def test_without_being_asked_no_text_is_encoded(card: str, tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "home"), "--offline"]
    assert main(["data", "export", card, str(tmp_path / "there"), "--set", "encoder.name=no-such-model", *home]) == 0
    assert not (tmp_path / "there" / "vectors.npy").exists()
