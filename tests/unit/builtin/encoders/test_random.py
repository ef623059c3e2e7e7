"""Random vectors: their distribution, and what a vector depends on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.builtin.encoders.random import BLOCK, RandomConfig, RandomVectors

TITLES = [f"Film {number}" for number in range(500)]


def encode(texts: list[str], **options: int) -> np.ndarray:
    return RandomVectors(RandomConfig(**options)).encode(texts)


def test_entries_are_gaussian_with_variance_one_over_d() -> None:
    vectors = encode(TITLES, dimensions=64)
    assert vectors.shape == (500, 64)
    assert vectors.dtype == np.float32
    assert stats.kstest(vectors.ravel() * 8, "norm").pvalue > 1e-3
    assert np.mean(np.square(vectors).sum(axis=1)) == pytest.approx(1, abs=0.03)


def test_different_texts_and_seeds_are_independent() -> None:
    one, other = encode(TITLES, dimensions=256), encode(TITLES, dimensions=256, seed=1)
    cosines = (one @ one.T)[np.triu_indices(500, 1)]
    assert np.abs(cosines).max() < 6 / 16, "the standard deviation of an inner product is 1/√256"
    assert cosines.mean() == pytest.approx(0, abs=1e-3)
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.02


@given(st.lists(st.text(), min_size=1, max_size=20))
def test_neither_order_nor_the_rest_of_the_catalogue_moves_a_vector(texts: list[str]) -> None:
    vectors = encode(texts, dimensions=7)
    order = np.random.default_rng(0).permutation(len(texts))
    assert np.array_equal(encode([texts[i] for i in order], dimensions=7), vectors[order])
    assert np.array_equal(encode(texts[:1], dimensions=7), vectors[:1])
    assert len(np.unique(vectors, axis=0)) == len(set(texts))


def test_fewer_dimensions_are_the_first_ones() -> None:
    assert np.allclose(encode(TITLES, dimensions=4) * 2, encode(TITLES, dimensions=16)[:, :4] * 4)


def test_blocks_change_nothing_and_progress_reaches_the_end() -> None:
    texts, told = [str(number) for number in range(BLOCK + 3)], []
    encoder = RandomVectors(RandomConfig(dimensions=2))
    vectors = encoder.encode(texts, lambda done, total: told.append((done, total)))
    assert told == [(BLOCK, BLOCK + 3), (BLOCK + 3, BLOCK + 3)]
    assert np.array_equal(vectors[BLOCK:], encode(texts[BLOCK:], dimensions=2))


def test_options_are_the_fingerprint() -> None:
    configs = [RandomConfig(), RandomConfig(seed=1), RandomConfig(dimensions=3)]
    assert len({RandomVectors(config).fingerprint() for config in configs}) == 3
    assert RandomVectors().fingerprint() == RandomVectors(RandomConfig()).fingerprint()
