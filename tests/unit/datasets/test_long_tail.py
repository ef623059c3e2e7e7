"""The generated catalogue: its sizes, tails, tastes and vectors are what its options say."""

from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.sources.fetch import locate
from harness.plugins import Dataset
from harness.runs.context import Context
from harness.runs.experiment import prepare
from harness.spec.build import build_spec
from harness.spec.run_spec import dataset_of


def catalogue(**options: Any) -> Dataset:
    return dataset_of("long-tail", options)


def gini(values: np.ndarray) -> float:
    ordered, n = np.sort(values), len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * ordered.sum()))


@settings(max_examples=25, deadline=None)
@given(
    n_users=st.integers(1, 300),
    n_items=st.integers(10, 300),
    interactions_per_user=st.integers(1, 30),
    n_groups=st.integers(1, 40),
    labels_per_item=st.integers(1, 4),
    seed=st.integers(0, 5),
)
def test_pairs_are_unique_known_and_all_accounted_for(**options: int) -> None:
    tables = catalogue(dim=3, **options).read(Path("nowhere"))
    pairs = tables.interactions
    assert pairs.n_unique() == pairs.height
    assert tables.items["item"].n_unique() == tables.items.height == options["n_items"]
    assert tables.users["user"].n_unique() == tables.users.height == options["n_users"]
    assert pairs.join(tables.items, on="item", how="anti").is_empty()
    assert pairs.join(tables.users, on="user", how="anti").is_empty()
    labels = tables.items["genres"].list.len()
    assert 1 <= labels.min() <= labels.max() <= options["labels_per_item"]  # type: ignore[operator]
    assert (tables.items["genres"].list.n_unique() == labels).all()
    assert tables.items["genres"].explode().n_unique() <= options["n_groups"]
    if not tables.skipped:
        least = min(5, options["interactions_per_user"], options["n_items"] // 2)
        assert pairs.group_by("user").len()["len"].min() >= least  # type: ignore[operator]


def test_tails_are_those_of_a_lognormal() -> None:
    n = 20_000
    tables = catalogue(n_users=n, n_items=n, dim=2).read(Path("nowhere"))
    taken, active = (
        table.join(tables.interactions.group_by(side).len(), on=side, how="left")["len"].fill_null(0).to_numpy()
        for side, table in (("item", tables.items), ("user", tables.users))
    )
    assert gini(taken) == pytest.approx(erf(1.3 / 2), abs=0.06)  # nobody takes a thing twice: a flatter head
    assert active.mean() == pytest.approx(20, rel=0.05)
    assert active.min() == 5
    assert gini(active - 5) == pytest.approx(erf(1.4 / 2), abs=0.03)


def test_users_prefer_their_cluster_and_vectors_tell_clusters_and_genres_apart() -> None:
    data = catalogue(n_users=2000, n_items=4000, n_groups=5, dim=64)
    tables = data.read(Path("nowhere"))
    pairs = tables.interactions.join(tables.items, on="item").join(tables.users, on="user", suffix="_user")
    share = (pairs["cluster"] == pairs["cluster_user"]).mean()
    assert 0.55 < share < 0.9  # type: ignore[operator]
    vectors = data.vectors(tables.items)
    assert vectors is not None
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    clusters = tables.items["cluster"].to_numpy()
    alike = vectors @ vectors.T
    same = clusters[:, None] == clusters
    same_genre = (clusters[:, None] % 5 == clusters % 5) & ~same
    np.fill_diagonal(same, False)
    assert alike[same].mean() > alike[same_genre].mean() + 0.1
    assert alike[same_genre].mean() > alike[clusters[:, None] % 5 != clusters % 5].mean() + 0.1


def test_the_same_options_give_the_same_catalogue_and_a_vector_does_not_depend_on_the_others() -> None:
    first, again, other = catalogue(dim=4), catalogue(dim=4), catalogue(dim=4, seed=1)
    tables = first.read(Path("nowhere"))
    assert tables.interactions.equals(again.read(Path("nowhere")).interactions)
    assert not tables.interactions.equals(other.read(Path("nowhere")).interactions)
    some = tables.items.sample(100, seed=3, shuffle=True)
    everything, vectors = first.vectors(tables.items), first.vectors(some)
    assert everything is not None
    assert vectors is not None
    np.testing.assert_array_equal(everything[some["item"].cast(pl.Int64).to_numpy()], vectors)


def test_it_needs_no_files_and_refuses_a_folder(tmp_path: Path) -> None:
    data = catalogue()
    assert data.recognises(locate(data, offline=True))
    with pytest.raises(BadInput, match="long-tail is generated and reads no files: leave --data out"):
        locate(data, tmp_path)


def test_a_run_reads_it_with_its_own_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    options = {"n_users": 300, "n_items": 200, "n_groups": 4, "dim": 8}
    experiment = prepare(build_spec({"dataset": "long-tail", "dataset_options": options}), Context(offline=True))
    assert experiment.embeddings is not None
    assert experiment.embeddings.shape == (experiment.corpus.n_items, 8)
    assert experiment.embeddings.dtype == np.float32
    assert experiment.embeddings.flags.c_contiguous
    assert set(experiment.trained.membership.names) == {f"genre {k}" for k in range(1, 5)}


@pytest.mark.parametrize(("key", "value"), [("n_users", 0), ("n_items", -3), ("labels_per_item", 0)])
def test_wrong_sizes_are_named(key: str, value: int) -> None:
    with pytest.raises(BadInput, match=rf"dataset_options\.{key}: .*given: {value}"):
        catalogue(**{key: value})
