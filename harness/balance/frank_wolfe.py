"""Frank–Wolfe on the probability simplex (Frank & Wolfe 1956; Jaggi 2013).

Each iteration moves towards the vertex with the smallest partial derivative. The duality gap ⟨∇f(w), w − s⟩ bounds
f(w) − min f from above where f is convex. Everything is free of branches on tensor values, so that on an accelerator
nothing waits for the host.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

Gradient = Callable[[torch.Tensor], torch.Tensor]
StepSize = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]


@dataclass(frozen=True)
class Solution:
    """Weights w on the simplex, shape (K,), and the duality gap there (a scalar tensor)."""

    weights: torch.Tensor
    gap: torch.Tensor


def uniform_over(present: torch.Tensor) -> torch.Tensor:
    """Equal weights on the groups that are present (bool, shape (K,)), float64; all zero where none is."""
    return present.double() / present.sum().clamp(min=1)


def frank_wolfe(gradient: Gradient, step_size: StepSize, present: torch.Tensor, T: int) -> Solution:
    """Minimise f over the face of the simplex spanned by ``present`` groups, from uniform weights.

    Args:
        gradient: ∇f, shape (K,) to (K,)
        step_size: (gradient at w, direction s − w, iteration) to a step in [0, 1]
        present: which vertices may be used, bool, shape (K,); at least one
        T: iterations
    """
    w = uniform_over(present)
    for t in range(T):
        g = gradient(w)
        direction = _best_vertex(g, present) - w
        w = w + step_size(g, direction, t) * direction
    g = gradient(w)
    return Solution(w, g @ (w - _best_vertex(g, present)))


def exact_step(M: torch.Tensor) -> StepSize:
    """Exact line search for f(w) = ½ wᵀMw + linear: −⟨g, d⟩ / dᵀMd, cut to [0, 1]."""

    def step(g: torch.Tensor, direction: torch.Tensor, t: int) -> torch.Tensor:
        curvature = (direction @ M @ direction).clamp(min=torch.finfo(M.dtype).tiny)
        return (-(g @ direction) / curvature).clamp(0, 1)

    return step


def open_loop_step(g: torch.Tensor, direction: torch.Tensor, t: int) -> torch.Tensor:
    """2/(t+3): below 1 from the first iteration, so that every weight stays positive."""
    return torch.tensor(2 / (t + 3), dtype=direction.dtype, device=direction.device)


def _best_vertex(g: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """The present vertex with the smallest partial derivative, as a one-hot vector."""
    index = g.masked_fill(~present, torch.inf).argmin()
    return torch.zeros_like(g).index_fill_(0, index, 1.0)
