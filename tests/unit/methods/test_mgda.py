"""Multiple-gradient descent."""

import numpy as np
import pytest
import torch

from harness.balance.rule_options import FrankWolfeConfig
from harness.builtin.balancers.mgda import Mgda
from harness.models.group_losses import group_losses
from harness.models.losses import info_nce
from harness.plugins import GroupSignals

K = 6


def signals(gram: torch.Tensor) -> GroupSignals:
    k = len(gram)
    share = torch.full((k,), 1 / k, dtype=torch.float64)
    return GroupSignals(share, gram, share[0], share, share, torch.ones(k, dtype=torch.bool))


def weights_of(gram: torch.Tensor, T: int = 2000) -> torch.Tensor:
    return Mgda(FrankWolfeConfig(T=T)).weights(signals(gram))


def random_gram(seed: int, scale: float = 1.0) -> torch.Tensor:
    """Gradients that share a direction and disagree otherwise, of lengths a factor ``scale`` apart."""
    draw = np.random.default_rng(seed)
    G = draw.normal(size=(K, 4)) + 0.5
    G *= np.geomspace(1, scale, K)[:, None]
    return torch.from_numpy(G @ G.T)


@pytest.mark.parametrize("scale", [1.0, 10.0])
@pytest.mark.parametrize("seed", range(5))
def test_min_norm_point_of_a_qp_solver(seed, scale):
    qpsolvers = pytest.importorskip("qpsolvers")
    M = random_gram(seed, scale)
    ridge = 1e-10 * np.eye(K)
    exact = qpsolvers.solve_qp(
        M.numpy() + ridge, np.zeros(K), A=np.ones((1, K)), b=np.ones(1), lb=np.zeros(K), solver="quadprog"
    )
    w = weights_of(M).numpy()
    assert w @ M.numpy() @ w <= exact @ M.numpy() @ exact + 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_at_least_as_good_as_torchjd(seed):
    aggregation = pytest.importorskip("torchjd.aggregation")
    M = random_gram(seed)
    w, theirs = weights_of(M), aggregation.MGDAWeighting(epsilon=1e-9, max_iters=10_000)(M)
    ours, reference = float(w @ M @ w), float(theirs @ M @ theirs)
    assert ours <= reference + 1e-9
    assert ours == pytest.approx(reference, rel=2e-2, abs=1e-3)


def test_two_groups_in_closed_form():
    """w₁ = clip((g₂ − g₁)ᵀg₂ / ‖g₁ − g₂‖², 0, 1)  (Sener & Koltun 2018, eq. 4)."""
    for g1, g2 in (([1.0, 0.0], [0.0, 2.0]), ([1.0, 0.0], [3.0, 0.1]), ([1.0, 0.5], [-1.0, 0.5])):
        G = torch.tensor([g1, g2], dtype=torch.float64)
        expected = float(((G[1] - G[0]) @ G[1] / (G[0] - G[1]).square().sum()).clamp(0, 1))
        assert float(weights_of(G @ G.T)[0]) == pytest.approx(expected, abs=1e-9)


def test_the_step_is_the_min_norm_combination_of_the_groups_gradients(prepared):
    """The whole training set in one batch, gradients with respect to θ by K passes of autograd."""
    options = {"gram": "theta", "batch_size": 100_000, "T": 5000}
    method, twin = (prepared("mgda", **options) for _ in range(2))
    (batch,) = twin.batches
    theta = twin.theta.requires_grad_(True)
    losses = info_nce(twin.backbone.factors(twin.Z, theta), batch, 0.15)
    L = group_losses(losses, twin.groups.of(batch)).losses
    G = torch.stack([torch.autograd.grad(loss, theta, retain_graph=True)[0] for loss in L])
    report = method.train_epoch()
    w = torch.tensor([report.group_weights[name] for name in twin.groups.names], dtype=torch.float64)
    torch.testing.assert_close(method.theta.grad, w @ G)
    shortest = float((w @ G).square().sum())
    assert (G @ (w @ G) >= shortest * (1 - 1e-6)).all(), "a group ascends, or the point is not the min-norm one"
    assert report.values["ascending_groups"] == 0


def test_the_bound_at_the_factors_gives_other_weights(train):
    assert train("mgda")[1].group_weights != train("mgda", gram="theta")[1].group_weights
