"""The outer level's way through θ': what F_out(Z, θ'(Z)) gains from moving Z because θ' moves with it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.hypergradient import Loss, OppositeGradients, exact, finite_difference, opposite_gradients

from harness.base.late import torch
from harness.models.losses import info_nce
from harness.models.views import View


def implicit_gradient(
    v_theta: torch.Tensor,
    inner_loss: Loss,
    Z: torch.Tensor,
    theta: torch.Tensor,
    P: torch.Tensor,
    config: BiFairConfig,
    gradients: OppositeGradients | None = None,
) -> torch.Tensor | None:
    """−ξ h, shape of Z, which added to v_Z is the whole gradient; None where ``first_order`` or ξ = 0 drop it.

    Args:
        v_theta: ∇_θ'F_out at the look-ahead
        inner_loss: (Z, θ) to F_in on the inner batch, inner weights held fixed
        Z, theta: where the inner gradient was taken
        P: the look-ahead's preconditioner, a constant
        gradients: ∇_Z of ``inner_loss`` at opposite parameters; unset: by autograd
    """
    xi = config.lookahead_rate
    if config.hypergradient == "first_order" or xi == 0:
        return None
    u = P * v_theta
    if config.hypergradient == "exact":
        return exact(inner_loss, Z, theta, u).mul_(-xi)

    both = opposite_gradients(inner_loss, Z, theta) if gradients is None else gradients
    return finite_difference(both, u, config.epsilon).mul_(-xi)


@dataclass(frozen=True)
class InnerLoss:
    """F_in on one batch under fixed weights of its rows, where the inner gradient was taken.

    Attributes:
        view: of the batch
        row_weights: ω, shape (B,)
        theta: θ
        H: the first stage at (view.inputs, θ)
        temperature: τ of InfoNCE
    """

    view: View
    row_weights: torch.Tensor
    theta: torch.Tensor
    H: torch.Tensor
    temperature: float

    def __call__(self, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """F_in(Z, θ), differentiable any number of times."""
        return self._after_first(self.view.stages.first(Z, theta), theta)

    def opposite_gradients(self, s: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """∇_ZF_in(Z, θ + s) and ∇_ZF_in(Z, θ − s), with the first stages H(Z, θ ± s) = H(Z, θ) ± H(Z, s)."""
        with torch.no_grad():
            shift = self.view.stages.first(self.view.inputs, s)
        return self._gradient_of_z(self.H + shift, self.theta + s), self._gradient_of_z(self.H - shift, self.theta - s)

    def _gradient_of_z(self, H: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        leaf = H.requires_grad_(True)
        (by_first,) = torch.autograd.grad(self._after_first(leaf, theta), leaf)
        return self.view.stages.first_adjoint(by_first, theta)

    def _after_first(self, H: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        factors = self.view.stages.rest(H, theta)
        return self.row_weights @ info_nce(factors, self.view.batch, self.temperature)
