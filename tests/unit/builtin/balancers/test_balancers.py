"""Balancers: each objective against an independent solver, and their limits."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from harness.balance.loss_entropy import entropy, excess, loss_distribution
from harness.plugins import GroupSignals
from harness.plugins.registry import registry
from harness.testing import toy_signals as signals

LAM = 3.0  # the default


def balancer(name: str, **options: Any) -> Any:
    kind = registry.get("balancer", name)
    return kind(kind.Config(**options))


# --- the entropy of losses -------------------------------------------------------------------------------------------


def test_excess_is_the_direction_in_which_entropy_rises() -> None:
    """∂H(p)/∂L_j = −a_j / ΣL."""
    losses = signals().losses.requires_grad_(True)
    present = torch.tensor([True, True, False, True, True])
    p = loss_distribution(losses, present)
    assert p.detach()[~present].sum() == 0
    (gradient,) = torch.autograd.grad(entropy(p[present]), losses)
    expected = -excess(losses, present) / losses[present].sum()
    torch.testing.assert_close(gradient, expected.detach(), rtol=0, atol=1e-12)


def test_nobody_exceeds_an_equal_share() -> None:
    everyone = torch.ones(3, dtype=torch.bool)
    assert excess(torch.full((3,), 2.0, dtype=torch.float64), everyone).abs().max() < 1e-12


# --- quadratic objectives --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_at_the_min_norm_point_no_group_ascends(seed: int) -> None:
    """Change of loss k along −Σ w_j g_j is −(Mw)_k ≤ −‖Σ w_j g_j‖² (Désidéri 2012)."""
    s = signals(seed=seed)
    w = balancer("mgda", T=10_000).weights(s)
    assert (s.gram @ w).min() >= w @ s.gram @ w - 1e-9


def test_entropy_without_its_term_is_the_min_norm_point() -> None:
    s = signals()
    mgda = balancer("mgda").weights(s)
    torch.testing.assert_close(balancer("entropy", lam=0.0).weights(s), mgda)
    torch.testing.assert_close(balancer("entropy", T=1000, lam=1e-9).weights(s), mgda, rtol=0, atol=1e-5)


def test_entropy_with_its_term_alone_is_the_worst_group() -> None:
    s = signals(absent=(int(signals().losses.argmax()),))
    w = balancer("entropy", lam=1e6).weights(s)
    assert w.argmax() == s.losses.argmax()
    assert w.max().item() == pytest.approx(1, abs=1e-9)


def test_entropy_is_dual_to_descending_more_where_more_is_lost() -> None:
    """d = −Σ w_k g_k solves min_d max_k (g_kᵀd + λa_k) + ½‖d‖²: both optima agree, f(w*) = −min."""
    s = signals()
    solution = balancer("entropy", T=10_000).solve(s)
    w, a = solution.weights, LAM * excess(s.losses, s.present)
    norm = w @ s.gram @ w
    primal = (-(s.gram @ w) + a).max() + 0.5 * norm
    assert primal.item() == pytest.approx(-(0.5 * norm - a @ w).item(), abs=1e-9)


# --- the other objectives --------------------------------------------------------------------------------------------


def objective(name: str, s: GroupSignals, lam: float) -> Any:
    """f(w), written for autograd and for batches of weights (…, K)."""

    def f(w: torch.Tensor) -> torch.Tensor:
        quadratic = 0.5 * ((w @ s.gram) * w).sum(-1)
        if name == "entropy_weights":
            p = w
        elif name == "entropy_weighted":
            p = w * s.losses / (w * s.losses).sum(-1, keepdim=True)
        else:
            after = (s.losses - s.lookahead_rate * w @ (s.gram * s.scale)).clamp(min=1e-6)
            p = after / after.sum(-1, keepdim=True)
        return quadratic - lam * torch.special.entr(p).sum(-1)

    return f


@pytest.mark.parametrize("name", ["entropy_weights", "entropy_weighted", "entropy_lookahead"])
def test_analytic_gradients(name: str) -> None:
    s = signals()
    gradient = balancer(name).gradient(s)
    for seed in range(5):
        w = torch.rand(5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        w = (w / w.sum()).requires_grad_(True)
        (expected,) = torch.autograd.grad(objective(name, s, LAM)(w), w)
        torch.testing.assert_close(gradient(w.detach()), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lam", [0.1, 3.0])
def test_entropy_weights_against_a_convex_solver(seed: int, lam: float) -> None:
    s = signals(seed=seed)
    f = objective("entropy_weights", s, lam)

    def value_and_slope(w: np.ndarray) -> tuple[float, np.ndarray]:
        point = torch.as_tensor(w).requires_grad_(True)
        value = f(point)
        (slope,) = torch.autograd.grad(value, point)
        return float(value.detach()), slope.numpy()

    best = minimize(
        value_and_slope,
        np.full(5, 0.2),
        jac=True,
        method="SLSQP",
        bounds=[(1e-12, 1)] * 5,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(5)},
        options={"ftol": 1e-15, "maxiter": 500},
    )
    solution = balancer("entropy_weights", lam=lam, T=5000).solve(s)
    assert -1e-9 <= f(solution.weights).item() - best.fun <= solution.gap.item() + 1e-9
    assert solution.gap.item() <= 1e-2
    np.testing.assert_allclose(solution.weights.numpy(), best.x, atol=5e-3)


def simplex_grid(steps: int) -> torch.Tensor:
    points = [(i, j, steps - i - j) for i, j in itertools.product(range(1, steps), repeat=2) if i + j < steps]
    return torch.tensor(points, dtype=torch.float64) / steps


GRID = simplex_grid(200)


@pytest.mark.parametrize("name", ["entropy_weighted", "entropy_lookahead"])
@pytest.mark.parametrize("lam", [0.1, 1.0, 10.0])
def test_no_worse_than_a_fine_grid(name: str, lam: float) -> None:
    for seed in range(5):
        s = signals(K=3, seed=seed)
        f = objective(name, s, lam)
        w = balancer(name, lam=lam, T=1000).weights(s)
        assert f(w).item() <= f(GRID).min().item() + 3e-5 * max(1.0, lam)


@pytest.mark.parametrize("name", ["entropy_weights", "entropy_weighted", "entropy_lookahead"])
def test_without_the_entropy_term_all_are_the_min_norm_point(name: str) -> None:
    s = signals()
    found, best = balancer(name, lam=0.0, T=5000).weights(s), balancer("mgda", T=5000).weights(s)
    assert (0.5 * found @ s.gram @ found - 0.5 * best @ s.gram @ best).item() < 1e-3


def test_entropy_alone_makes_weighted_losses_equal() -> None:
    """λ → ∞: w_k ∝ 1/L_k."""
    s = signals(absent=(1,))
    w = balancer("entropy_weighted", lam=1e6, T=5000).weights(s)
    weighted = (w * s.losses)[s.present]
    torch.testing.assert_close(weighted / weighted.mean(), torch.ones_like(weighted), rtol=0, atol=5e-3)


def test_entropy_of_weights_alone_makes_them_equal() -> None:
    w = balancer("entropy_weights", lam=1e6, T=5000).weights(signals())
    torch.testing.assert_close(w, torch.full((5,), 0.2, dtype=torch.float64), rtol=0, atol=1e-3)


# --- rules without a solver ------------------------------------------------------------------------------------------


def test_group_dro_follows_its_recursion() -> None:
    rule, w = balancer("group_dro", alpha=0.3), np.full(5, 0.2)
    for seed in range(6):
        s = signals(seed=seed)
        w = w * np.exp(0.3 * s.losses.numpy())
        w /= w.sum()
        np.testing.assert_allclose(rule.weights(s).numpy(), w, rtol=1e-12)


def test_group_dro_survives_thousands_of_steps() -> None:
    rule, s = balancer("group_dro", alpha=10.0), signals()
    for _ in range(2000):
        w = rule.weights(s)
    assert torch.isfinite(w).all()
    assert w.argmax() == s.losses.argmax()


def test_a_group_that_was_absent_comes_back() -> None:
    rule = balancer("group_dro")
    rule.weights(signals(absent=(2,)))
    assert rule.weights(signals())[2] > 0


def test_static_weights_are_inverse_frequencies() -> None:
    s = signals()
    w = balancer("static").weights(s)
    torch.testing.assert_close(w * s.data_shares, (w * s.data_shares)[0].expand(5))


def test_uniform_and_proportional() -> None:
    s = signals(absent=(0,))
    assert balancer("uniform").weights(s).tolist() == [0, 0.25, 0.25, 0.25, 0.25]
    assert torch.equal(balancer("proportional").weights(s), s.batch_shares)
