"""Frank–Wolfe on the simplex, against an independent QP solver, convex solvers and theorems."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from qpsolvers import solve_qp
from scipy.special import xlogy

from harness.balance.frank_wolfe import away_steps, away_steps_by_index, minimise, minimise_quadratic, uniform_over

T = 10_000


def family(kind: str, K: int, draw: np.random.Generator) -> np.ndarray:
    """A Gram matrix, scaled by its median diagonal as in training."""
    G = draw.normal(size=(K, 3 * K))
    if kind == "rank-deficient":
        G = draw.normal(size=(K, K // 3))
    elif kind == "duplicated":
        G[K // 2 :] = G[: K - K // 2]
    elif kind == "badly scaled":
        G *= 10 ** draw.uniform(-3, 3, size=(K, 1))
    elif kind == "nearly parallel":
        G = G[:1] + 0.05 * G
    M = G @ G.T
    return M / np.median(np.diag(M))


KINDS = ["full rank", "rank-deficient", "duplicated", "badly scaled", "nearly parallel"]


def tensors(M: np.ndarray, linear: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.as_tensor(M), torch.as_tensor(linear), torch.ones(len(M), dtype=torch.bool)


@pytest.mark.parametrize("lam", [0.0, 3.0, 30.0])
@pytest.mark.parametrize("kind", KINDS)
def test_as_good_as_a_quadratic_programme(kind: str, lam: float) -> None:
    """f(w) − f(QP's point) ≤ reported gap ≤ 1e-6.

    The solver wants a positive definite matrix and gets a ridge; its point, put back on the simplex, is judged by the
    true objective f, so that it can only be worse than the minimum and the first inequality needs no allowance for it.
    """
    K = 18
    draw = np.random.default_rng([KINDS.index(kind), int(lam)])
    M, linear = family(kind, K, draw), lam * draw.normal(0, 0.5, size=K)

    def f(w: np.ndarray) -> float:
        return float(0.5 * w @ M @ w - linear @ w)

    ridge = 1e-9 * np.trace(M)
    simplex = {"G": -np.eye(K), "h": np.zeros(K), "A": np.ones((1, K)), "b": np.ones(1)}
    point = solve_qp(M + ridge * np.eye(K), -linear, **simplex, solver="quadprog")
    point = point.clip(0) / point.clip(0).sum()
    solution = minimise_quadratic(*tensors(M, linear), T)
    w, gap = solution.weights.numpy(), solution.gap.item()
    assert gap == pytest.approx((M @ w - linear) @ w - (M @ w - linear).min(), abs=1e-12)
    assert f(w) - f(point) <= gap + 1e-12
    assert gap <= 1e-6
    if kind == "full rank":  # strictly convex: one minimiser
        np.testing.assert_allclose(w, point, atol=1e-6)


def quadratics(n: int = 30) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    draw = np.random.default_rng(3)
    for i in range(n):
        K = int(draw.integers(2, 9))
        yield family(KINDS[i % 5], max(K, 3), draw), draw.normal(size=max(K, 3))


def test_a_few_iterations_stay_on_the_simplex() -> None:
    for M, linear in quadratics():
        for iterations in (1, 50):
            w = minimise_quadratic(*tensors(M, linear), iterations).weights
            assert w.min() >= 0
            assert w.sum().item() == pytest.approx(1, abs=1e-12)


def test_more_iterations_are_never_worse() -> None:
    for M, linear in quadratics():
        values = []
        for iterations in (1, 3, 10, 50):
            w = minimise_quadratic(*tensors(M, linear), iterations).weights.numpy()
            values.append(0.5 * w @ M @ w - linear @ w)
        assert all(after <= before + 1e-12 for before, after in itertools.pairwise(values))


def test_absent_groups_get_nothing_and_change_nothing() -> None:
    for M, linear in quadratics():
        present = torch.ones(len(M), dtype=torch.bool)
        present[1] = False
        w = minimise_quadratic(torch.as_tensor(M), torch.as_tensor(linear), present, 50).weights
        keep = present.numpy()
        alone = minimise_quadratic(*tensors(M[np.ix_(keep, keep)], linear[keep]), 50).weights
        assert w[1] == 0
        torch.testing.assert_close(w[present], alone, rtol=0, atol=1e-12)


def test_one_present_group_gets_everything() -> None:
    present = torch.tensor([False, True, False])
    M = torch.eye(3, dtype=torch.float64)
    assert minimise_quadratic(M, torch.zeros(3, dtype=torch.float64), present, 5).weights.tolist() == [0, 1, 0]


def test_without_any_present_group_there_are_no_weights() -> None:
    present = torch.zeros(3, dtype=torch.bool)
    M = torch.eye(3, dtype=torch.float64)
    assert minimise_quadratic(M, torch.ones(3, dtype=torch.float64), present, 5).weights.tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_with_and_without_branches_the_steps_are_the_same(kind: str) -> None:
    """On a CPU the iterations choose by index in NumPy, elsewhere they mask tensors."""
    for seed in range(20):
        draw = np.random.default_rng(seed)
        M, linear = family(kind, 6, draw), draw.normal(size=6)
        start = uniform_over(torch.arange(6) != seed % 6)
        for iterations in (1, 5, 30):
            by_index = away_steps_by_index(M, linear, start.numpy(), iterations)
            masked = away_steps(torch.as_tensor(M), torch.as_tensor(linear), start, iterations)
            np.testing.assert_allclose(by_index, masked.numpy(), atol=1e-9)


def test_does_not_stall_where_smoothing_has_bent_the_objective_downwards() -> None:
    """A Gram matrix averaged entry by entry over absent groups may have a negative eigenvalue."""
    M, linear = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([0.1, 0.0])
    assert minimise_quadratic(*tensors(M, linear), 50).weights.tolist() == [1, 0]


def test_a_vertex_is_a_place_to_rest() -> None:
    """Weights 1 − 1e-16 and no others: an away step must not divide rounding by rounding."""
    for seed in range(200):
        draw = np.random.default_rng(seed)
        M, linear = family("badly scaled", 3, draw), 30 * draw.normal(size=3)
        solution = minimise_quadratic(*tensors(M, linear), 50)
        assert torch.isfinite(solution.weights).all()
        assert solution.weights.sum().item() == pytest.approx(1, abs=1e-12)


def test_the_start_is_not_written_to() -> None:
    present = torch.ones(4, dtype=torch.bool)
    linear = torch.arange(4, dtype=torch.float64)
    M = torch.eye(4, dtype=torch.float64)
    minimise_quadratic(M, linear, present, 20)
    assert torch.equal(M, torch.eye(4, dtype=torch.float64))
    assert linear.tolist() == [0, 1, 2, 3]


def test_general_objective_keeps_weights_positive_and_bounds_the_error() -> None:
    """min ½wᵀMw + Σ w log w, whose optimum satisfies w ∝ exp(−Mw)."""
    for M, _ in quadratics(6):
        A, _, present = tensors(M / np.abs(M).max(), M[0])

        def gradient(w: torch.Tensor, A: torch.Tensor = A) -> torch.Tensor:
            return A @ w + w.log() + 1

        solution = minimise(gradient, present, 2000)
        w = torch.full((len(M),), 1 / len(M), dtype=torch.float64)
        for _ in range(300):
            w = 0.5 * w + 0.5 * torch.softmax(-A @ w, dim=0)

        def f(w: torch.Tensor, A: torch.Tensor = A) -> float:
            return float(0.5 * w @ A @ w + xlogy(w.numpy(), w.numpy()).sum())

        assert solution.weights.min() > 0
        assert -1e-12 <= f(solution.weights) - f(w) <= solution.gap.item() + 1e-12
        assert solution.gap.item() <= 1e-2
        torch.testing.assert_close(solution.weights, w, rtol=0, atol=5e-3)
