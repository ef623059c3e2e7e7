"""Unconflicting projection of gradients."""

import numpy as np
import pytest
import torch

from harness.builtin.balancers.upgrad import RIDGE, UpGrad, upgrad
from harness.plugins import GroupSignals


def gradients(seed: int, K: int = 6, d: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(K, d)) * np.geomspace(0.3, 3, K)[:, None]


def weights_of(M: np.ndarray, present: list[bool] | None = None) -> torch.Tensor:
    k = len(M)
    share = torch.full((k,), 1 / k, dtype=torch.float64)
    here = torch.tensor(present or [True] * k)
    return UpGrad().weights(GroupSignals(share, torch.from_numpy(M), share[0], share, share, here))


@pytest.mark.parametrize(("K", "d"), [(2, 5), (6, 4), (18, 64), (18, 3)])
@pytest.mark.parametrize("seed", range(4))
def test_weights_of_torchjd(K, d, seed):
    aggregation = pytest.importorskip("torchjd.aggregation")
    pytest.importorskip("quadprog")
    G = gradients(seed, K, d)
    theirs = aggregation.UPGradWeighting()(torch.from_numpy(G @ G.T)).numpy()
    np.testing.assert_allclose(upgrad(G @ G.T), theirs, rtol=1e-6, atol=1e-9)


def test_two_groups_in_closed_form():
    """A conflict: each gradient is projected onto the plane orthogonal to the other."""
    G = np.array([[1.0, 0.0], [-1.0, 1.0]])
    projected = np.array([[0.5, 0.5], [0.0, 1.0]])  # g₁ − (g₁·g₂)/‖g₂‖² g₂, g₂ − (g₁·g₂)/‖g₁‖² g₁
    np.testing.assert_allclose(upgrad(G @ G.T) @ G, projected.mean(axis=0), atol=1e-3)


def test_without_conflict_every_group_counts_the_same():
    G = np.abs(gradients(0))
    np.testing.assert_allclose(upgrad(G @ G.T), 1 / 6)


@pytest.mark.parametrize("seed", range(10))
def test_no_group_ascends(seed):
    G = gradients(seed)
    M = G @ G.T
    w = upgrad(M)
    assert (w >= 1 / 6 - 1e-12).all()
    assert (M @ w >= -RIDGE * np.trace(M) * w.max() - 1e-12).all()


def test_a_balancers_weights_are_on_the_simplex_in_the_same_direction():
    G = gradients(1)
    w = weights_of(G @ G.T)
    assert float(w.sum()) == pytest.approx(1)
    raw = upgrad(G @ G.T)
    np.testing.assert_allclose(w.numpy(), raw / raw.sum())


def test_absent_groups_take_no_part():
    G = gradients(2)
    w = weights_of(G @ G.T, [True, False, True, True, True, False])
    kept = [0, 2, 3, 4]
    alone = upgrad(G[kept] @ G[kept].T)
    np.testing.assert_allclose(w[kept].numpy(), alone / alone.sum())
    assert w[1] == w[5] == 0


def test_permuted_groups_have_permuted_weights():
    G = gradients(3)
    order = np.random.default_rng(0).permutation(6)
    np.testing.assert_allclose(upgrad(G[order] @ G[order].T), upgrad(G @ G.T)[order], atol=1e-9)


def test_vanishing_gradients_are_weighted_equally():
    np.testing.assert_allclose(upgrad(np.zeros((3, 3))), 1 / 3)


def test_negative_eigenvalues_count_as_zero():
    draw = np.random.default_rng(0)
    V, _ = np.linalg.qr(draw.normal(size=(4, 4)))
    spectrum = np.array([3.0, 1.0, 0.2, -0.1])
    indefinite, clipped = (V * spectrum) @ V.T, (V * spectrum.clip(0)) @ V.T
    np.testing.assert_allclose(upgrad(indefinite), upgrad(clipped), atol=1e-6)


def test_trains(train):
    method, report = train("upgrad", epochs=3)
    assert sum(report.group_weights.values()) == pytest.approx(1)
    assert torch.isfinite(method.theta).all()


def test_conflicts_depend_on_what_the_gradients_are_of(train):
    noisy = {"epochs": 20, "learning_rate": 0.03, "ema": 0.0, "batch_size": 32, "min_rows": 1}
    factors, theta = (train("upgrad", gram=gram, **noisy)[1].group_weights for gram in ("factors", "theta"))
    uneven = [max(abs(weight - 1 / 3) for weight in weights.values()) for weights in (factors, theta)]
    assert 0 < uneven[0] < uneven[1], "groups share θ but hardly share factors"
