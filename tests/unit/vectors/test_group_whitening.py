"""Whitened vectors: one mean and one covariance of all groups, up to shrinkage, and nothing linear of any groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import PolynomialFeatures

from harness.vectors.erase import erased
from harness.vectors.group_whitening import whitened


def some(n: int, d: int, groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of groups with means and covariances of their own, and one group each."""
    generator = np.random.default_rng(seed)
    own = generator.permutation(np.arange(n) % groups)
    shapes = generator.standard_normal((groups, d, d)) / (2 * d**0.5) + np.diag(np.linspace(1, 2, d))
    shapes *= np.linspace(1, 2, groups)[:, None, None]
    means = 2 * generator.standard_normal((groups, d))
    x = np.einsum("ni,nij->nj", generator.standard_normal((n, d)), shapes[own]) + means[own]
    return x.astype(np.float32), np.eye(groups)[own]


def root(matrix: np.ndarray, power: float = 0.5) -> np.ndarray:
    values, axes = np.linalg.eigh(matrix)
    return (axes * values**power) @ axes.T


def covariance(x: np.ndarray) -> np.ndarray:
    return np.cov(x.astype(np.float64).T, bias=True)


def test_the_closed_form_of_groups_that_share_no_item() -> None:
    """(x − μ_g) Σ̂_g^(−½) Σ^½ + μ, with the shrinkage that it says."""
    x, z = some(900, 6, 3)
    changed, shrinkage = whitened(x, z, block=128)
    assert (shrinkage > 0).all()
    assert (shrinkage < 0.1).all()
    pooled, own = covariance(x), z.argmax(axis=1)
    for g in range(3):
        rows = x[own == g].astype(np.float64)
        shrunk = (1 - shrinkage[g]) * covariance(rows) + shrinkage[g] * pooled
        expected = x.mean(axis=0) + (rows - rows.mean(axis=0)) @ root(shrunk, -0.5) @ root(pooled)
        np.testing.assert_allclose(changed[own == g], expected, atol=2e-5)


def test_groups_have_one_mean_and_one_covariance_up_to_shrinkage() -> None:
    x, z = some(4000, 5, 4, seed=1)
    changed, shrinkage = whitened(x, z)
    pooled, own = covariance(x), z.argmax(axis=1)
    for g in range(4):
        before, after = x[own == g], changed[own == g]
        np.testing.assert_allclose(after.mean(axis=0), x.mean(axis=0), atol=1e-5)
        far, near = (np.linalg.norm(covariance(rows) - pooled) for rows in (before, after))
        assert shrinkage[g] < 0.05
        assert near < far / 5
    np.testing.assert_allclose(covariance(changed), pooled, rtol=0.05, atol=0.05 * np.abs(pooled).max())


def test_shrinkage_is_ledoit_and_wolfs_where_the_target_is_theirs() -> None:
    """Two clouds of covariances that add up to twice the identity: all items together have the identity."""
    generator = np.random.default_rng(3)
    cloud = generator.standard_normal((40, 4))
    cloud = (cloud - cloud.mean(axis=0)) @ root(covariance(cloud), -0.5) @ np.diag([1, 1.1, 1.2, 0.7])
    rest = 2 * np.eye(4) - covariance(cloud)  # of the second half, so that the covariance of both is the identity
    other = generator.standard_normal((40, 4))
    other = (other - other.mean(axis=0)) @ root(covariance(other), -0.5) @ root(rest)
    x, z = np.vstack([cloud, other]).astype(np.float32), np.repeat(np.eye(2), 40, axis=0)
    np.testing.assert_allclose(covariance(x), np.eye(4), atol=1e-5)
    found = whitened(x, z).shrinkage[0]
    trace = np.trace(covariance(cloud)) / 4
    assert trace == pytest.approx(1, abs=0.05), "their target is the identity times this"
    assert found == pytest.approx(min(1, ledoit_wolf(cloud, assume_centered=True)[1] * 40 / 39), rel=0.1)


def probe(x: np.ndarray, own: np.ndarray, degree: int) -> float:
    """Accuracy of a logistic regression on polynomials of the vectors."""
    features = PolynomialFeatures(degree, include_bias=False).fit_transform((x - x.mean(axis=0)) / x.std())
    return float(LogisticRegression(max_iter=3000, C=100).fit(features, own).score(features, own))


def test_linear_and_quadratic_probes() -> None:
    """Erasure stops the first alone."""
    x, z = some(3000, 4, 3, seed=2)
    own, chance = z.argmax(axis=1), z.mean(axis=0).max()
    assert probe(x, own, 1) > chance + 0.3
    without = erased(x, z)
    assert probe(without, own, 1) < chance + 0.02
    assert probe(without, own, 2) > chance + 0.1
    white = whitened(x, z).vectors
    assert probe(white, own, 1) < chance + 0.02
    assert probe(white, own, 2) < chance + 0.05


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 12))
def test_nothing_linear_is_left_of_groups_that_share_items(seed: int, groups: int, d: int) -> None:
    x, _ = some(200, d, groups, seed)
    member = np.random.default_rng(seed).random((200, groups)) < 0.4
    member[np.arange(200), np.arange(200) % groups] = True
    shares = member / member.sum(axis=1, keepdims=True)
    changed = whitened(x, shares, block=64).vectors.astype(np.float64)
    left = (changed - changed.mean(axis=0)).T @ (shares - shares.mean(axis=0)) / len(x)
    assert np.abs(left).max() < 1e-5 * np.abs(x).max()
    np.testing.assert_allclose(changed.mean(axis=0), x.mean(axis=0), atol=1e-4)


def test_one_group_changes_nothing() -> None:
    x, _ = some(300, 6, 3)
    changed, shrinkage = whitened(x, np.ones((300, 1)))
    np.testing.assert_allclose(changed, x, atol=1e-5)
    assert shrinkage.tolist() == [1]


def test_small_groups_keep_their_shape_and_a_group_of_one_goes_to_the_mean() -> None:
    """Five items of a group in eight dimensions would be corners of a simplex; no item stays where it was alone."""
    x, z = some(400, 8, 2, seed=5)
    z = np.column_stack([z, np.zeros((400, 3))])
    z[:5] = np.eye(5)[2]
    z[5] = np.eye(5)[3]
    changed, shrinkage = whitened(x, z)
    assert shrinkage[2] > 0.2
    assert shrinkage[3:].tolist() == [1, 1], "of one item, and of none"
    np.testing.assert_allclose(changed[5], x.mean(axis=0), atol=1e-5)
    distances = np.linalg.norm(changed[:5, None] - changed[None, :5], axis=2)[np.triu_indices(5, 1)]
    assert distances.std() > 0.1 * distances.mean()


def test_vectors_that_do_not_vary_in_every_direction() -> None:
    x, z = some(400, 5, 2)
    wide = np.hstack([x, np.full((400, 1), 3, np.float32), x[:, :1]])
    changed = whitened(wide, z).vectors
    np.testing.assert_allclose(changed[:, 5], 3, atol=1e-5)
    np.testing.assert_allclose(changed[:, 6], changed[:, 0], atol=1e-3)
    assert np.isfinite(whitened(np.ones((10, 3), np.float32), np.eye(2)[np.arange(10) % 2]).vectors).all()
