"""The outer level: a step of Z on F_out(Z, θ'(Z))."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.hypergradient import exact, finite_difference

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class OuterGradients:
    """∇_ZF_out and ∇_θ'F_out at (Z, θ')."""

    v_z: torch.Tensor
    v_theta: torch.Tensor


def total_gradient(
    outer: OuterGradients, inner_loss: Loss, Z: torch.Tensor, theta: torch.Tensor, P: torch.Tensor, config: BiFairConfig
) -> torch.Tensor:
    """v_Z − ξ h, shape of Z; h by the way that ``config.hypergradient`` names (``first_order`` drops it).

    Args:
        outer: gradients of the outer loss at the look-ahead
        inner_loss: (Z, θ) to F_in on the inner batch, inner weights held fixed
        Z, theta: where the inner gradient was taken
        P: the look-ahead's preconditioner, a constant
    """
    xi = config.lookahead_rate
    if config.hypergradient == "first_order" or xi == 0:
        return outer.v_z
    u = P * outer.v_theta
    if config.hypergradient == "exact":
        h = exact(inner_loss, Z, theta, u)
    else:

        def gradient_of_z(at: torch.Tensor) -> torch.Tensor:
            leaf = Z.detach().requires_grad_(True)
            (gradient,) = torch.autograd.grad(inner_loss(leaf, at.detach()), leaf)
            return gradient

        h = finite_difference(gradient_of_z, theta, u, config.epsilon)
    return outer.v_z - xi * h
