"""Frank–Wolfe on the probability simplex (Frank & Wolfe 1956; Jaggi 2013), from uniform weights, T iterations.

Each iteration moves along the simplex by looking at the vertices' partial derivatives only. The duality gap
⟨∇f(w), w − s⟩, s the best vertex, bounds f(w) − min f from above where f is convex. On an accelerator everything is
free of branches on tensor values, so that nothing waits for the host.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.base.late import torch

TINY = 1e-300
TIED = 1 + 1e-9  # directions this much alike descend equally fast; rounding must not choose between them


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
        present: which vertices may be used, bool, shape (K,); without any all weights are 0
        T: iterations
    """
    start = uniform_over(present)
    if present.device.type == "cpu":
        w = torch.from_numpy(away_steps_by_index(M.numpy(), linear.numpy(), start.numpy(), T))
    else:
        w = away_steps(M, linear, start, T)
    return _with_gap(M @ w - linear, w, present)


def away_steps_by_index(M: np.ndarray, linear: np.ndarray, start: np.ndarray, T: int) -> np.ndarray:
    """The iterates of :func:`minimise_quadratic` on a CPU, where choosing and branching are cheap.

    Either direction differs from ±w in one entry, so that M times it is a column of M and the Mw that is carried along:
    O(K) an iteration. NumPy's overhead on such vectors is a tenth of a tensor library's.
    """
    usable = np.flatnonzero(start)
    if not len(usable):
        return start
    M, linear, w = M[np.ix_(usable, usable)], linear[usable], start[usable]
    columns, Mw = np.ascontiguousarray(M.T), M @ w
    for _ in range(T):
        g = Mw - linear
        best, worst = g.argmin(), np.where(w > 0, g, -np.inf).argmax()
        level, total = g @ w, w.sum()
        away = g[worst] - level > TIED * (level - g[best])  # which direction descends faster?
        if away:
            vertex, slope = worst, level - total * g[worst]
            longest = w[vertex] / (total - w[vertex] + TINY)
            direction, along = w.copy(), Mw - total * columns[vertex]
            direction[vertex] -= total
        else:
            vertex, slope, longest = best, g[best] - level, 1.0
            direction, along = -w, columns[vertex] - Mw
            direction[vertex] += 1
        curvature = max(direction @ along, TINY)  # bent downwards: as far as it goes
        step = min(max(-slope / curvature, 0.0), longest)
        w, Mw = np.maximum(w + step * direction, 0.0), Mw + step * along
        if away and step >= longest:
            w[vertex] = 0.0  # exactly: a residue would be the worst vertex again
    found = np.zeros_like(start)
    found[usable] = w / (w.sum() + TINY)  # rounding alone: exact arithmetic never leaves the simplex
    return found


def away_steps(M: torch.Tensor, linear: torch.Tensor, start: torch.Tensor, T: int) -> torch.Tensor:
    """The same iterates, free of branches on tensor values."""
    w = start
    absent = torch.where(start > 0, 0.0, torch.inf)
    places = torch.arange(len(w), device=w.device)
    for _ in range(T):
        g = M @ w - linear
        best = (places == (g + absent).argmin()).double()
        worst = (places == torch.where(w > 0, g, -torch.inf).argmax()).double()
        level = (g * w).sum()
        use_away = (g * worst).sum() - level > TIED * (level - (g * best).sum())
        carried, rest = (w * worst).sum(), (w * (1 - worst)).sum()
        away = w * (1 - worst) - rest * worst  # w − v; exactly 0 where v carries everything
        direction = torch.where(use_away, away, best - w)
        longest = torch.where(use_away, carried / (rest + TINY), torch.ones_like(carried))
        curvature = (direction * (M @ direction)).sum().clip(TINY)
        step = torch.minimum((-(g * direction).sum() / curvature).clip(0.0), longest)
        dropped = worst * (use_away & (step >= longest))
        w = (w + step * direction).clip(0.0) * (1 - dropped)
    return w / (w.sum() + TINY)


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
