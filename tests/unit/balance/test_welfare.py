"""Frank–Wolfe over lotteries of lists against a generic solver, and the lists that are drawn from them."""

import numpy as np
import pytest
import torch
from scipy.optimize import LinearConstraint, minimize

from harness.balance.welfare import SMOOTH, Welfare, maximise

ALPHAS = [(0.0, 0.0), (1.0, 0.5), (0.5, -1.0), (-0.5, 0.0)]


def psi(x: np.ndarray, alpha: float) -> np.ndarray:
    return np.log(x + SMOOTH) if alpha == 0 else np.sign(alpha) * (x + SMOOTH) ** alpha


def best(relevance: np.ndarray, C: np.ndarray, k: int, lam: float, alphas: tuple[float, float]) -> float:
    """The largest welfare of all lotteries: of all P in [0, 1] whose rows sum to k."""
    m, n = relevance.shape

    def loss(flat: np.ndarray) -> float:
        P = flat.clip(0, 1).reshape(m, n)
        r, e = (P * relevance).sum(axis=1) / k, P.sum(axis=0) @ C * C.shape[1] / (m * k)
        return -((1 - lam) * psi(r, alphas[0]).mean() + lam * psi(e, alphas[1]).mean())

    rows = LinearConstraint(np.kron(np.eye(m), np.ones(n)), k, k)
    start = np.full(m * n, k / n)
    found = minimize(
        loss,
        start,
        method="SLSQP",
        bounds=[(0, 1)] * (m * n),
        constraints=rows,
        options={"maxiter": 500, "ftol": 1e-10},
    )
    return -float(found.fun)


@pytest.mark.parametrize("alphas", ALPHAS)
@pytest.mark.parametrize("lam", [0.2, 0.7])
def test_the_largest_welfare_is_found(lam: float, alphas: tuple[float, float]) -> None:
    rng = np.random.default_rng(5)
    scores = np.float32(rng.random((4, 6)) + np.linspace(2, 0, 6))
    C = np.array([[1, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]])
    welfare = Welfare(lam, *alphas, torch.ones(3, dtype=torch.bool))
    lottery = maximise(torch.as_tensor(scores), torch.as_tensor(C), 2, welfare, 300)
    smallest, largest = (f(axis=1, keepdims=True).astype(float) for f in (scores.min, scores.max))
    wanted = best((scores - smallest) / (largest - smallest), C, 2, lam, alphas)
    reached = welfare.of(lottery.relevance, lottery.exposure)
    assert reached == pytest.approx(wanted, abs=5e-3)
    assert wanted - reached <= lottery.gap + 1e-5, "the duality gap bounds what is missing"


def test_the_lists_that_are_drawn_show_what_the_lotteries_show() -> None:
    rng = np.random.default_rng(0)
    scores = torch.as_tensor(np.float32(rng.random((2000, 30)) + np.linspace(1, 0, 30)))
    C = torch.eye(3, dtype=torch.float64).repeat_interleave(10, dim=0)
    lottery = maximise(scores, C, 5, Welfare(0.5, 0.0, 0.0, torch.ones(3, dtype=torch.bool)), 30)
    shown = C[lottery.lists].sum(dim=(0, 1)) * 3 / (2000 * 5)
    assert shown.tolist() == pytest.approx(lottery.exposure.tolist(), abs=0.02)
    assert lottery.exposure.min() > 0.5


def test_more_weight_for_groups_shows_the_worst_off_more() -> None:
    rng = np.random.default_rng(0)
    scores = torch.as_tensor(np.float32(rng.random((300, 20)) + np.linspace(1, 0, 20)))
    C = torch.eye(2, dtype=torch.float64).repeat_interleave(10, dim=0)
    everyone = torch.ones(2, dtype=torch.bool)
    worst = [
        float(maximise(scores, C, 5, Welfare(lam, 1.0, 0.0, everyone), 50).exposure.min()) for lam in (0, 0.3, 0.6, 0.9)
    ]
    assert worst == sorted(worst)
    assert worst[0] < 0.3 < 0.9 < worst[-1]
