"""Runs of one number of threads have the same numbers, whatever ran before them and however linear algebra is told."""

import os

import numpy as np
import pytest

import harness as h
from harness.base.blas import blas_threads
from harness.spec.options import EncoderOptions
from harness.vectors.embeddings import embed, resolve_encoder

from .conftest import House

SMALL = {"n_users": 200, "n_items": 300, "n_groups": 4}


def test_a_run_without_a_number_has_the_process_own_whatever_came_before(house: House) -> None:
    def threads(compute: dict[str, int], seed: int) -> str:
        spec = h.RunSpec(method="most_popular", dataset="long-tail", dataset_options=SMALL, seed=seed, compute=compute)
        run = h.run(spec, tracking_uri=house.store)
        return house.tracker.finished(run.id).tags["threads"]

    own = threads({}, 0)
    assert threads({"threads": int(own) + 1}, 1) == str(int(own) + 1)
    assert threads({}, 2) == own


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="linear algebra has one thread on one core")
def test_vectors_do_not_depend_on_the_threads_of_whoever_asks_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in draw.integers(3000, size=6)) for _ in range(800)]
    options = EncoderOptions(name="tfidf-svd", options={"dimensions": 800}, pca=32)
    vectors = []
    for number in (1, 2):
        monkeypatch.setenv("HARNESS_HOME", str(house.folder / str(number)))  # nothing is cached there
        with blas_threads(number):
            vectors.append(embed(texts, resolve_encoder(options), options=options))
    np.testing.assert_array_equal(*vectors)
