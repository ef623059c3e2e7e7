"""The inner level: the step of θ on F_in, and the look-ahead θ' of it that the outer level sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.base.late import torch

LookAheadKind = Literal["preconditioned", "diagonal", "sgd"]


def preconditioner(optimizer: torch.optim.Adam, theta: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """P, the diagonal that Adam's coming step will divide by, shape of θ; a constant for all derivatives.

    P = 1 / (√v̂ + δ) with v̂ the bias-corrected second moment after ``gradient`` (Kingma & Ba 2015, Algorithm 1).
    """
    group = optimizer.param_groups[0]
    beta2, delta, decay = group["betas"][1], group["eps"], group["weight_decay"]
    state = optimizer.state.get(theta, {})
    moment = state.get("exp_avg_sq", torch.zeros_like(theta))
    steps = float(state.get("step", 0)) + 1
    g = gradient + decay * theta
    v = (beta2 * moment + (1 - beta2) * g * g) / (1 - beta2**steps)
    return (1 / (v.sqrt() + delta)).detach()


def momentum_share(optimizer: torch.optim.Adam, theta: torch.Tensor) -> tuple[torch.Tensor, float]:
    """Adam's coming first moment as an affine function of the gradient: m̂ = offset + share · gradient.

    m̂ = (β₁m + (1 − β₁)g) / (1 − β₁ᵗ); the offset, from the momentum gathered so far, does not depend on (Z, θ) now.
    """
    beta1 = optimizer.param_groups[0]["betas"][0]
    state = optimizer.state.get(theta, {})
    correction = 1 - beta1 ** (float(state.get("step", 0)) + 1)
    moment = state.get("exp_avg", torch.zeros_like(theta))
    return beta1 * moment / correction, (1 - beta1) / correction


def look_ahead(theta: torch.Tensor, gradient: torch.Tensor, P: torch.Tensor, xi: float) -> torch.Tensor:
    """θ' = θ − ξ P ∇_θF_in."""
    return theta - xi * P * gradient


@dataclass(frozen=True)
class LookAhead:
    """The θ' that the outer level looks at, and how it depends on the inner gradient.

    Attributes:
        theta: θ', shape of θ
        P: −∂θ'/∂(∇_θF_in) / ξ, a diagonal and a constant for all derivatives, shape of θ
    """

    theta: torch.Tensor
    P: torch.Tensor

    @classmethod
    def of(
        cls, theta: torch.Tensor, gradient: torch.Tensor, optimizer: torch.optim.Adam, kind: LookAheadKind, xi: float
    ) -> LookAhead:
        """The look-ahead of one ``kind`` at rate ξ.

        ``preconditioned``: the step that Adam will really take, θ − ξ m̂/(√v̂ + δ): P = (1 − β₁)/(1 − β₁ᵗ) · 1/(√v̂ + δ).
        ``diagonal``: θ − ξ P ∇_θF_in with P = 1/(√v̂ + δ) alone. It forgets that Adam averages gradients: a whole step
        along one batch's gradient, ten times its share, which overshoots and raises the very loss it was made from.
        ``sgd``: P = I; only small ξ make sense.
        """
        if kind == "sgd":
            P = torch.ones_like(gradient)
            return cls(look_ahead(theta, gradient, P, xi), P)
        P = preconditioner(optimizer, theta, gradient)
        if kind == "diagonal":
            return cls(look_ahead(theta, gradient, P, xi), P)
        offset, share = momentum_share(optimizer, theta)
        decayed = gradient + optimizer.param_groups[0]["weight_decay"] * theta
        return cls(look_ahead(theta, offset + share * decayed, P, xi), share * P)
