"""The implicit part of the outer gradient: h = ∇²_{Zθ}F_in(Z, θ) · u.

Differentiating F_out(Z, θ') with θ' = θ − ξ P ∇_θF_in(Z, θ) and P held constant gives
v_Z − ξ ∇²_{Zθ}F_in · P v_θ  (Liu et al., DARTS, ICLR 2019, eq. 7, with Z in the place of the architecture).
"""

from __future__ import annotations

from collections.abc import Callable

from harness.base.late import torch

OppositeGradients = Callable[["torch.Tensor"], "tuple[torch.Tensor, torch.Tensor]"]
Loss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]


def finite_difference(opposite_gradients: OppositeGradients, u: torch.Tensor, epsilon: float) -> torch.Tensor:
    """[∇_ZF_in(Z, θ⁺) − ∇_ZF_in(Z, θ⁻)] / (2ε̂) with θ± = θ ± ε̂u, ε̂ = ε/‖u‖₂ (the paper's eq. 7).

    Costs two gradients, O(|Z| + |θ|), where the exact product would need second derivatives.

    Args:
        opposite_gradients: s to ∇_ZF_in(Z, θ + s) and ∇_ZF_in(Z, θ − s), with batch and weights held fixed
        u: direction, shape of θ; where it vanishes so does the product
        epsilon: ε, the distance ‖θ± − θ‖₂

    Returns:
        shape of Z.
    """
    norm = u.norm()
    step = epsilon / norm.clamp(min=torch.finfo(u.dtype).tiny)
    forward, backward = opposite_gradients(step * u)
    scale = torch.where(norm > 0, 1 / (2 * step), torch.zeros_like(step))
    return (forward - backward).mul_(scale)  # in place: each pass over Z counts


def opposite_gradients(loss: Loss, Z: torch.Tensor, theta: torch.Tensor) -> OppositeGradients:
    """Both gradients by autograd, for any loss (Z, θ) ↦ F_in; Z and θ are not changed."""

    def gradient_of_z(at: torch.Tensor) -> torch.Tensor:
        leaf = Z.detach().requires_grad_(True)
        return torch.autograd.grad(loss(leaf, at.detach()), leaf)[0]

    return lambda s: (gradient_of_z(theta + s), gradient_of_z(theta - s))


def exact(loss: Loss, Z: torch.Tensor, theta: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    """The same product by double backward: ∇_Z ⟨∇_θF_in(Z, θ), u⟩.

    Args:
        loss: (Z, θ) to the scalar F_in, twice differentiable
    """
    Z, theta = Z.detach().requires_grad_(True), theta.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(loss(Z, theta), theta, create_graph=True)
    (product,) = torch.autograd.grad(gradient @ u, Z)
    return product
