"""Frank–Wolfe on the probability simplex (Frank & Wolfe 1956; Jaggi 2013), from uniform weights, T iterations.

Each iteration moves along the simplex by looking at the vertices' partial derivatives only. The duality gap
⟨∇f(w), w − s⟩, s the best vertex, bounds f(w) − min f from above where f is convex. Everything is free of branches on
tensor values, so that on an accelerator nothing waits for the host.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

TINY = 1e-300


@dataclass(frozen=True)
class Solution:
    """Weights w on the simplex, shape (K,), and the duality gap there (a scalar tensor)."""

    weights: torch.Tensor
    gap: torch.Tensor


def uniform_over(present: torch.Tensor) -> torch.Tensor:
    """Equal weights on the groups that are present (bool, shape (K,)), float64; all zero where none is."""
    return present.double() / present.sum().clamp(min=1)


def minimise_quadratic(M: torch.Tensor, linear: torch.Tensor, present: torch.Tensor, T: int) -> Solution:
    """min_{w∈Δ} ½ wᵀMw − linearᵀw with exact line search and away steps.

    Towards the best vertex s or away from the worst vertex v that carries weight, whichever descends faster (Guélat &
    Marcotte 1986). Without away steps the iterates zigzag near a face of the simplex and the gap shrinks like 1/T;
    with them it shrinks geometrically (Lacoste-Julien & Jaggi, NeurIPS 2015).

    Args:
        M: positive semi-definite but for rounding and smoothing, shape (K, K), float64
        linear: shape (K,)
        present: which vertices may be used, bool, shape (K,); at least one
        T: iterations
    """
    start = uniform_over(present)
    if present.device.type == "cpu":
        w = torch.from_numpy(_away_steps(np, M.numpy(), linear.numpy(), start.numpy(), T))
    else:
        w = _away_steps(torch, M, linear, start, T)
    return _with_gap(M @ w - linear, w, present)


def _away_steps(xp: Any, M: Any, linear: Any, start: Any, T: int) -> Any:
    """The iterates of :func:`minimise_quadratic`, on NumPy arrays or tensors alike.

    Problems of a few dozen groups are all overhead: on a CPU, NumPy's is a tenth of a tensor library's.
    """
    w = start
    absent = xp.where(start > 0, 0.0, xp.inf)
    places = xp.cumsum(xp.ones_like(w), 0) - 1
    for _ in range(T):
        g = M @ w - linear
        best = (places == (g + absent).argmin()) * 1.0
        worst = (places == xp.where(w > 0, g, -xp.inf).argmax()) * 1.0
        level = (g * w).sum()
        use_away = (g * worst).sum() - level > level - (g * best).sum()  # which direction descends faster?
        carried, rest = (w * worst).sum(), (w * (1 - worst)).sum()
        away = w * (1 - worst) - rest * worst  # w − v; exactly 0 where v carries everything
        direction = xp.where(use_away, away, best - w)
        longest = xp.where(use_away, carried / (rest + TINY), xp.ones_like(carried))
        curvature = (direction * (M @ direction)).sum().clip(TINY)  # bent downwards: as far as it goes
        step = xp.minimum((-(g * direction).sum() / curvature).clip(0.0), longest)
        dropped = worst * (use_away & (step >= longest))  # to exactly 0: a residue would be the worst vertex again
        w = (w + step * direction).clip(0.0) * (1 - dropped)
    return w / (w.sum() + TINY)  # rounding alone: exact arithmetic never leaves the simplex


def minimise(gradient: Callable[[torch.Tensor], torch.Tensor], present: torch.Tensor, T: int) -> Solution:
    """min_{w∈Δ} f(w) with steps 2/(t+3): below 1 from the first iteration, so that every weight stays positive.

    Args:
        gradient: ∇f, shape (K,) to (K,)
        present, T: as above
    """
    w = uniform_over(present)
    for t in range(T):
        best = _one_hot(gradient(w).masked_fill(~present, torch.inf).argmin(), w)
        w = w + 2 / (t + 3) * (best - w)
    return _with_gap(gradient(w), w, present)


def _with_gap(g: torch.Tensor, w: torch.Tensor, present: torch.Tensor) -> Solution:
    return Solution(w, g @ w - g.masked_fill(~present, torch.inf).min())


def _one_hot(index: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(like).index_fill_(0, index, 1.0)
