"""Erased vectors say nothing linear of groups, and are as near to what they were as that allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from harness.vectors.erase import erased


def some(n: int, d: int, groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors whose means and one of whose directions depend on the group, and memberships of one group each."""
    generator = np.random.default_rng(seed)
    own = generator.integers(0, groups, n)
    x = generator.standard_normal((n, d)) @ generator.standard_normal((d, d)) + 3 * generator.random((groups, d))[own]
    return x.astype(np.float32), np.eye(groups)[own]


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(2, 12))
def test_nothing_linear_is_left(seed: int, groups: int, d: int) -> None:
    x, z = some(300, d, groups, seed)
    changed = erased(x, z, block=64).astype(np.float64)
    covariance = (changed - changed.mean(axis=0)).T @ (z - z.mean(axis=0)) / len(x)
    assert np.abs(covariance).max() < 1e-4 * np.abs(x).max()


def test_a_linear_probe_falls_to_the_largest_group() -> None:
    x, z = some(2000, 16, 3)
    own = z.argmax(axis=1)
    probe = LogisticRegression(max_iter=2000, C=1e6)
    assert probe.fit(x, own).score(x, own) > 0.6
    assert probe.fit(erased(x, z), own).score(x * 0 + erased(x, z), own) <= z.mean(axis=0).max() + 0.01


def test_no_smaller_change_does_it() -> None:
    """Of all affine maps of the plane with covariance 0: found by a general solver."""
    x, z = some(400, 2, 2, seed=4)
    centred, marks = x - x.mean(axis=0), (z - z.mean(axis=0))[:, :1]

    def change(flat: np.ndarray) -> float:
        return float(((centred @ flat.reshape(2, 2).T - centred) ** 2).mean())

    def left(flat: np.ndarray) -> np.ndarray:
        return ((centred @ flat.reshape(2, 2).T).T @ marks).ravel() / len(x)

    best = minimize(change, np.eye(2).ravel(), constraints={"type": "eq", "fun": left}, method="SLSQP", tol=1e-12)
    assert ((erased(x, z) - x) ** 2).mean() == pytest.approx(best.fun, rel=1e-3)


def test_only_as_many_directions_change_as_groups_are_free() -> None:
    x, z = some(500, 10, 4)
    assert np.linalg.matrix_rank(erased(x, z) - x, tol=1e-2) == 3


def test_again_nothing_changes_and_neither_where_there_is_one_group() -> None:
    x, z = some(500, 6, 3)
    once = erased(x, z)
    np.testing.assert_allclose(erased(once, z), once, atol=1e-4)
    np.testing.assert_allclose(erased(x, np.ones((500, 1))), x, atol=1e-6)


def test_vectors_that_do_not_vary_in_every_direction() -> None:
    x, z = some(200, 5, 2)
    wide = np.hstack([x, np.zeros((200, 1), np.float32), x[:, :1]])
    changed = erased(wide, z)
    np.testing.assert_allclose(changed[:, 5], 0, atol=1e-6)
    np.testing.assert_allclose(changed[:, 6], changed[:, 0], atol=1e-3)
