"""The AlphaRec backbone: language representations in, user and item factors out.

Sheng et al., *Language Representations Can be What Recommenders Need: Findings and Potentials*, ICLR 2025
(arXiv 2407.05441). ``layers=0`` is the two-tower twin: the same without graph propagation.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.graph import NewUsers, adjacency, history, propagated
from harness.models.projector import Projector
from harness.models.sparse import SparseOperator

SMALLEST_NORM = 1e-12


@dataclass(frozen=True)
class Factors:
    """Final user and item factors, stacked so that one gradient covers both.

    Attributes:
        stacked: what scores are products of, shape (n_users + n_items, d), users first
        n_users: where items begin
        norms: of the rows before they were normalised, constants, shape (n_users + n_items, 1); None: they were not
        projected: X₀ = g_θ(X), before propagation, shape of ``stacked``; None: there is no projector
    """

    stacked: torch.Tensor
    n_users: int
    norms: torch.Tensor | None = None
    projected: torch.Tensor | None = None

    @property
    def users(self) -> torch.Tensor:
        """Shape (n_users, d)."""
        return self.stacked[: self.n_users]

    @property
    def items(self) -> torch.Tensor:
        """Shape (n_items, d)."""
        return self.stacked[self.n_users :]

    def detached(self) -> Factors:
        """The same numbers without their history."""
        return Factors(self.stacked.detach(), self.n_users, self.norms)


class AlphaRecBackbone:
    """(Z, θ) → factors: X = [R̃Z ; Z], X₀ = g_θ(X), X_{l+1} = ÂX_l, mean over layers, rows normalised.

    Z enters twice, through items and through users (R̃Z): a gradient with respect to Z goes through both.

    Args:
        interactions: training interactions, which give R̃ and Â
        projector: g
        layers: propagation steps (2 in the paper; 0: two-tower)
        device, dtype: of all products
    """

    def __init__(
        self,
        interactions: Interactions,
        projector: Projector,
        layers: int = 2,
        *,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.projector = projector
        self.layers = layers
        self.interactions = interactions
        self.n_users = interactions.n_users
        self.history = SparseOperator(history(interactions), device=device, dtype=dtype)
        if layers:
            self.graph = SparseOperator(adjacency(interactions), symmetric=True, device=device, dtype=dtype)

    def initial(self, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """θ₀, that of the projector."""
        return self.projector.initial(generator, dtype)

    def factors(self, Z: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors for representations Z (n_items, d_lm) and parameters θ."""
        return self.rest(self.first(Z, theta), theta)

    def first(self, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """H = [R̃Z ; Z]W₁ᵀ, shape (n_users + n_items, hidden): linear in Z and linear in θ.

        The product is taken before the users' mean, as [R̃(ZW₁ᵀ) ; ZW₁ᵀ]: the same with the wide matrix multiplied
        once per item instead of once per item and user.
        """
        H = self.projector.first_product(theta, Z)
        return torch.cat([self.history @ H, H])

    def first_adjoint(self, G: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """The gradient of ⟨G, H⟩ with respect to Z, shape (n_items, d_lm), for G of H's shape; not differentiable."""
        users, items = G[: self.n_users], G[self.n_users :]
        return self.projector.first_adjoint(theta, self.history.adjoint_product(users).add_(items))

    def rest(self, H: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors from H and θ."""
        projected = self.projector.finish(theta, H)
        return normalised(self.propagated(projected), self.n_users, projected)

    def user_factors(self, new: NewUsers, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor | None:
        """The final factors of users who were not trained on, shape (b, d): a user is the mean of what they took."""
        H = self.projector.first_product(theta, Z)
        X = self.projector.finish(theta, torch.cat([self.history @ H, H]))
        joined = self.joined(new, self.projector.finish(theta, new.mean @ H), X)
        return normalised(joined, len(joined), joined).users

    def propagated(self, X: torch.Tensor) -> torch.Tensor:
        """mean_l Â^l X, shape of X (n_users + n_items, d); X itself without layers."""
        return propagated(self.graph, X, self.layers) if self.layers else X

    def joined(self, new: NewUsers, own: torch.Tensor, X: torch.Tensor) -> torch.Tensor:
        """:meth:`propagated` for users who join with X₀ = ``own``, shape (b, d), where everybody else has X₀ = X."""
        return new.propagated(own, self.graph, X, self.layers) if self.layers else own


def normalised(X: torch.Tensor, n_users: int, projected: torch.Tensor) -> Factors:
    """Factors with rows of unit length from X, (n_users + n_items, d), that the projector's output led to."""
    norms = X.norm(dim=1, keepdim=True)
    return Factors(X / norms.clamp(min=SMALLEST_NORM), n_users, norms.detach(), projected)
