"""A backbone in which language enters once: free vectors of users and items beside the items' projected text.

He and McAuley, *VBPR: Visual Bayesian Personalized Ranking from Implicit Feedback*, AAAI 2016 (arXiv 1510.01784), with
text in the place of pictures. Nothing is propagated, and no user's vector comes of what they took.
"""

from __future__ import annotations

from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.alpharec import Factors, normalised
from harness.models.graph import NewUsers
from harness.models.projector import Projector

DEVIATION = 0.01
"""Of the free vectors' first values: small, so that rows of unit length can turn within a few steps."""


class VBPRBackbone:
    """(Z, θ) → factors: users [γ_u ; θ_u], items [γ_i ; g(Z_i)], so that s_ui = γ_uᵀγ_i + θ_uᵀ g(Z_i)  (eq. 4).

    Without the equation's biases, and with rows normalised as AlphaRec's are, so that its loss, sampler and optimiser
    serve both; g is a single matrix in the paper (``activation=linear``). The free vectors are learnt parameters: they
    follow the projector's in θ.

    Args:
        interactions: how many users and items there are
        projector: g, onto the second part of the factors
        free: width of the first part, γ
    """

    def __init__(self, interactions: Interactions, projector: Projector, free: int) -> None:
        self.projector = projector
        self.interactions = interactions
        self.n_users = interactions.n_users
        self._shapes = [(interactions.n_users, free + projector.d_out), (interactions.n_items, free)]

    def initial(self, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """θ₀: the projector's, then normal vectors of users and items."""
        free = sum(rows * width for rows, width in self._shapes)
        normal = torch.randn(free, generator=generator, device=generator.device, dtype=torch.float64)
        return torch.cat([self.projector.initial(generator, dtype), (DEVIATION * normal).to(dtype)])

    def factors(self, Z: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors for representations Z (n_items, d_lm) and parameters θ."""
        return self.rest(self.first(Z, theta), theta)

    def first(self, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """H = ZW₁ᵀ, shape (n_items, hidden): linear in Z and linear in θ."""
        return self.projector.first_product(self._parts(theta)[0], Z)

    def first_adjoint(self, G: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """The gradient of ⟨G, H⟩ with respect to Z, shape (n_items, d_lm), for G of H's shape; not differentiable."""
        return self.projector.first_adjoint(self._parts(theta)[0], G)

    def rest(self, H: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors from H and θ."""
        of_projector, users, items = self._parts(theta)
        text = self.projector.finish(of_projector, H)
        joined = torch.cat([users, torch.cat([items, text], dim=1)])
        return normalised(joined, self.n_users, joined)

    def user_factors(self, new: NewUsers, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor | None:
        """None: a user's vector is learnt."""
        return None

    def _parts(self, theta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Parameters of g, users (n_users, d) and items (n_items, free)."""
        sizes = [rows * width for rows, width in self._shapes]
        of_projector, users, items = theta.split([self.projector.n_parameters, *sizes])
        return of_projector, users.view(self._shapes[0]), items.view(self._shapes[1])
