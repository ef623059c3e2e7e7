"""Centring, principal components, whitening and L2 norms of items' vectors."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.spec.options import VectorOptions
from harness.vectors.adjust import adjust


def drawn(n: int = 300, d: int = 12, seed: int = 0) -> np.ndarray:
    """Correlated vectors with a mean, float32."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) + rng.normal(size=d)).astype(np.float32)


def covariance(vectors: np.ndarray) -> np.ndarray:
    return np.cov(vectors.astype(np.float64), rowvar=False, bias=True)


def done(vectors: np.ndarray, **options: Any) -> np.ndarray:
    adjusted = adjust(vectors, VectorOptions(**options))
    assert adjusted.dtype == np.float32
    return adjusted


def test_nothing_asked_nothing_done() -> None:
    vectors = drawn()
    assert done(vectors) is vectors


def test_centred_vectors_have_mean_zero_and_the_same_differences() -> None:
    vectors = drawn()
    centred = done(vectors, centre=True)
    assert np.abs(centred.mean(axis=0)).max() < 1e-6
    assert np.allclose(centred[1:] - centred[:-1], vectors[1:] - vectors[:-1], atol=1e-5)


@given(st.integers(0, 10_000), st.integers(2, 10), st.integers(20, 80))
def test_the_whitened_covariance_is_the_identity(seed: int, d: int, n: int) -> None:
    whitened = done(drawn(n, d, seed), whiten=True)
    assert np.allclose(covariance(whitened), np.eye(whitened.shape[1]), atol=1e-3)
    assert np.abs(whitened.mean(axis=0)).max() < 1e-3


def test_whitening_leaves_directions_out_that_do_not_vary() -> None:
    vectors = drawn(d=5)
    flat = np.hstack([vectors, vectors @ np.ones((5, 2), np.float32), np.ones((300, 1), np.float32)])
    whitened = done(flat, whiten=True)
    assert whitened.shape == (300, 5)
    assert np.allclose(covariance(whitened), np.eye(5), atol=1e-4)


@pytest.mark.parametrize("kept", [1, 4, 12])
def test_principal_components_keep_inner_products_up_to_the_discarded_variance(kept: int) -> None:
    vectors = drawn()
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    singular = np.linalg.svd(centred, compute_uv=False)
    projected = done(vectors, pca=kept).astype(np.float64)
    assert projected.shape == (300, kept)
    lost = centred @ centred.T - projected @ projected.T
    discarded = singular[kept] ** 2 if kept < len(singular) else 0
    assert np.linalg.norm(lost, ord=2) == pytest.approx(discarded, abs=1e-3)
    assert np.trace(lost) == pytest.approx(np.square(singular[kept:]).sum(), abs=1e-2)


def test_principal_components_are_uncorrelated_with_descending_variances() -> None:
    found = covariance(done(drawn(), pca=5))
    expected = np.sort(np.linalg.eigvalsh(covariance(drawn())))[::-1][:5]
    assert np.allclose(found, np.diag(expected), rtol=1e-4, atol=1e-4)


def test_more_components_than_directions() -> None:
    with pytest.raises(BadInput, match=r"encoder\.pca=9: .* these 5 items vary in 4 directions only: choose at most 4"):
        done(drawn(n=5), pca=9)


@pytest.mark.parametrize("options", [{}, {"centre": True}, {"pca": 3}, {"whiten": True}, {"pca": 2, "whiten": True}])
def test_normalised_vectors_have_length_one_whatever_came_before(options: dict[str, Any]) -> None:
    vectors = done(drawn(), normalise=True, **options)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    before = done(drawn(), **options)
    assert np.allclose(vectors * np.linalg.norm(before, axis=1, keepdims=True), before, atol=1e-4), "the last step"


def test_a_vector_of_length_zero_stays() -> None:
    vectors = np.array([[0, 0], [3, 4]], dtype=np.float32)
    assert np.allclose(done(vectors, normalise=True), [[0, 0], [0.6, 0.8]])


def test_equal_vectors_have_nothing_to_whiten() -> None:
    with pytest.raises(BadInput, match="all the same"):
        done(np.ones((4, 3), np.float32), whiten=True)


def test_rows_are_adjusted_alone_once_fitted_whatever_their_order_and_blocks() -> None:
    vectors, options = drawn(), {"pca": 4, "whiten": True}
    order = np.random.default_rng(1).permutation(len(vectors))
    whole = done(vectors, **options)
    assert np.allclose(done(vectors[order], **options), whole[order], atol=1e-4)
    assert np.allclose(adjust(vectors, VectorOptions(**options), block=7), whole, atol=1e-4)
