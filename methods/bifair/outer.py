"""The outer level's way through θ': what F_out(Z, θ'(Z)) gains from moving Z because θ' moves with it."""

from collections.abc import Callable

import torch
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.hypergradient import exact, finite_difference

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def implicit_gradient(
    v_theta: torch.Tensor,
    inner_loss: Loss,
    Z: torch.Tensor,
    theta: torch.Tensor,
    P: torch.Tensor,
    config: BiFairConfig,
) -> torch.Tensor | None:
    """−ξ h, shape of Z, which added to v_Z is the whole gradient; None where ``first_order`` or ξ = 0 drop it.

    Args:
        v_theta: ∇_θ'F_out at the look-ahead
        inner_loss: (Z, θ) to F_in on the inner batch, inner weights held fixed
        Z, theta: where the inner gradient was taken
        P: the look-ahead's preconditioner, a constant
    """
    xi = config.lookahead_rate
    if config.hypergradient == "first_order" or xi == 0:
        return None
    u = P * v_theta
    if config.hypergradient == "exact":
        return exact(inner_loss, Z, theta, u).mul_(-xi)

    def gradient_of_z(at: torch.Tensor) -> torch.Tensor:
        leaf = Z.detach().requires_grad_(True)
        (gradient,) = torch.autograd.grad(inner_loss(leaf, at.detach()), leaf)
        return gradient

    return finite_difference(gradient_of_z, theta, u, config.epsilon).mul_(-xi)
