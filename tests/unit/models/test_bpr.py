"""BPR, its penalty, and the two recommenders trained by it, against formulas written out and dense matrices."""

import numpy as np
import pytest
import torch
from harness.methods.lightgcn import LightGCN, LightGCNConfig
from harness.methods.mf import MF, MFConfig

from harness.models.batches import Batch
from harness.models.bpr import bpr, penalty, touched
from harness.models.graph import adjacency
from harness.testing import toy_problem

N_USERS, N_ITEMS = 60, 50
SMALL = {"dim": 4, "dtype": "float64", "batch_size": 10_000}


def drawn(seed: int = 0, negatives: int = 3) -> tuple[torch.Tensor, Batch]:
    """A table of vectors and a batch with repeated users and items."""
    g = torch.Generator().manual_seed(seed)
    E = torch.randn(12, 4, generator=g, dtype=torch.float64)
    users, items = torch.tensor([0, 2, 2, 4, 0]), torch.tensor([1, 1, 6, 0, 3])
    return E, Batch(users, items, torch.randint(7, (5, negatives), generator=g))


def test_loss_is_the_formula() -> None:
    E, batch = drawn()
    losses = bpr(touched(E, 5, batch), batch)
    vectors = E.numpy()
    for b, (u, i) in enumerate(zip(batch.users.tolist(), batch.items.tolist(), strict=True)):
        margins = [vectors[u] @ vectors[5 + i] - vectors[u] @ vectors[5 + j] for j in batch.negatives[b].tolist()]
        assert float(losses[b]) == pytest.approx(np.mean([-np.log(1 / (1 + np.exp(-x))) for x in margins]))


def test_loss_is_finite_where_a_sigmoid_would_round_to_zero() -> None:
    E, batch = drawn()
    assert torch.isfinite(bpr(touched(100 * E, 5, batch), batch)).all()


def test_penalty_is_the_formula() -> None:
    E, batch = drawn()
    vectors, total = E.numpy(), 0.0
    for b, (u, i) in enumerate(zip(batch.users.tolist(), batch.items.tolist(), strict=True)):
        others = [vectors[5 + j] @ vectors[5 + j] for j in batch.negatives[b].tolist()]
        total += vectors[u] @ vectors[u] + vectors[5 + i] @ vectors[5 + i] + np.mean(others)
    assert float(penalty(touched(E, 5, batch), batch)) == pytest.approx(total / 2 / 5)


def gradient_by_hand(factors: np.ndarray, batch: Batch) -> np.ndarray:
    """Rendle et al.'s gradient: −σ(−x_uij) · (i − j for u, u for i, −u for j), mean over rows; one negative a row."""
    G = np.zeros_like(factors)
    B = len(batch.users)
    for u, i, j in zip(batch.users.tolist(), batch.items.tolist(), batch.negatives[:, 0].tolist(), strict=True):
        taken, other = N_USERS + i, N_USERS + j
        slope = -1 / (1 + np.exp(factors[u] @ (factors[taken] - factors[other]))) / B
        G[u] += slope * (factors[taken] - factors[other])
        G[taken] += slope * factors[u]
        G[other] -= slope * factors[u]
    return G


def first_step(E: np.ndarray, gradient: np.ndarray, rate: float) -> np.ndarray:
    """Adam's first step: rate · g / (|g| + 1e-8)."""
    return E - rate * gradient / (np.abs(gradient) + 1e-8)


def test_mf_takes_the_step_of_the_gradient_by_hand() -> None:
    config = MFConfig(**SMALL, learning_rate=0.01, l2=0.1)
    method, twin = MF(config), MF(config)
    for each in (method, twin):
        each.prepare(toy_problem(text=False))
    (batch,) = twin.batches
    E = twin.E.numpy().copy()
    gradient, B = gradient_by_hand(E, batch), len(batch.users)
    for rows in (batch.users, N_USERS + batch.items, N_USERS + batch.negatives[:, 0]):
        np.add.at(gradient, rows.numpy(), 0.1 * E[rows.numpy()] / B)
    report = method.train_epoch()
    np.testing.assert_allclose(method.E.numpy(), first_step(E, gradient, 0.01), atol=1e-9)
    assert report.loss == pytest.approx(float(bpr(touched(torch.as_tensor(E), N_USERS, batch), batch).mean()))
    np.testing.assert_allclose(
        method.score(torch.arange(5)).numpy(), method.E[:5].numpy() @ method.E[N_USERS:].numpy().T
    )


@pytest.mark.parametrize("layers", [1, 3])
def test_lightgcn_takes_the_step_of_dense_propagation(layers: int) -> None:
    config = LightGCNConfig(**SMALL, learning_rate=0.01, l2=0.1, layers=layers)
    method, twin = LightGCN(config), LightGCN(config)
    problem = toy_problem(text=False)
    for each in (method, twin):
        each.prepare(toy_problem(text=False))
    A = adjacency(problem.training).toarray()
    P = sum(np.linalg.matrix_power(A, power) for power in range(layers + 1)) / (layers + 1)
    (batch,) = twin.batches
    E = twin.E.numpy().copy()
    np.testing.assert_allclose(twin.factors().stacked.numpy(), P @ E, atol=1e-7)
    gradient, B = P.T @ gradient_by_hand(P @ E, batch), len(batch.users)
    for rows in (batch.users, N_USERS + batch.items, N_USERS + batch.negatives[:, 0]):
        np.add.at(gradient, rows.numpy(), 0.1 * E[rows.numpy()] / B)
    method.train_epoch()
    np.testing.assert_allclose(method.E.numpy(), first_step(E, gradient, 0.01), atol=1e-7)


def test_lightgcn_without_layers_is_mf() -> None:
    options = {"dim": 4, "batch_size": 64, "learning_rate": 0.01, "l2": 0.05, "dtype": "float64"}
    flat, plain = LightGCN(LightGCNConfig(**options, layers=0)), MF(MFConfig(**options))
    for method in (flat, plain):
        method.prepare(toy_problem(text=False))
        for _ in range(3):
            report = method.train_epoch()
    torch.testing.assert_close(flat.E, plain.E, rtol=0, atol=1e-9)
    assert report.loss < np.log(2), "learnt something"


def test_groups_losses_are_means_over_their_interactions() -> None:
    problem = toy_problem(text=False, groups=("comedy", "drama"))
    config = MFConfig(**SMALL)
    method, twin = MF(config), MF(config)
    for each in (method, twin):
        each.prepare(problem)
    (batch,) = twin.batches
    losses = bpr(touched(twin.factors().stacked, N_USERS, batch), batch).numpy()
    C = problem.membership.shares.toarray()[batch.items.numpy()]
    report = method.train_epoch()
    for k, name in enumerate(problem.membership.names):
        assert report.group_losses[name] == pytest.approx((C[:, k] * losses).sum() / C[:, k].sum())
