"""Backbones without language: a learnt vector for every user and item, propagated over the graph or not.

Under AlphaRec's loss, sampler and optimiser they are LightGCN (He et al., SIGIR 2020, arXiv 2002.02126) and matrix
factorisation: what methods that train θ alone do on the traditional recommenders that most of them were proposed for.
"""

from __future__ import annotations

from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.alpharec import Factors, normalised
from harness.models.graph import NewUsers, adjacency, propagated
from harness.models.sparse import SparseOperator

DEVIATION = 0.1
"""Of the vectors' first values, as in ``lightgcn_infonce``."""


class FreeVectors:
    """(Z, θ) → factors: θ is E, shape (n_users + n_items, d), E_{l+1} = ÂE_l, mean over layers, rows normalised.

    Z changes nothing: a method that learns it has nothing to learn here.

    Args:
        interactions: who is there, and what gives Â
        d_lm: width of Z
        width: d
        layers: propagation steps; 0: matrix factorisation
        device, dtype: of all products
    """

    def __init__(
        self,
        interactions: Interactions,
        d_lm: int,
        width: int,
        layers: int,
        *,
        device: torch.device,
        dtype: torch.dtype,
    ) -> None:
        self.interactions = interactions
        self.n_users = interactions.n_users
        self._shape = (interactions.n_users + interactions.n_items, width)
        self._d_lm = d_lm
        self._layers = layers
        if layers:
            self._graph = SparseOperator(adjacency(interactions), symmetric=True, device=device, dtype=dtype)

    def initial(self, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """θ₀: normal vectors."""
        normal = torch.randn(self._shape, generator=generator, device=generator.device, dtype=torch.float64)
        return (DEVIATION * normal).to(dtype).reshape(-1)

    def factors(self, Z: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors for parameters θ."""
        return self.rest(self.first(Z, theta), theta)

    def first(self, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """Nothing of Z, shape (n_items, 0)."""
        return Z[:, :0]

    def first_adjoint(self, G: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """The gradient of what does not depend on Z: zeros, shape (n_items, d_lm)."""
        return G.new_zeros(len(G), self._d_lm)

    def rest(self, H: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors from θ."""
        E = theta.view(self._shape)
        return normalised(propagated(self._graph, E, self._layers) if self._layers else E, self.n_users, E)

    def user_factors(self, new: NewUsers, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor | None:
        """None: a user's vector is learnt."""
        return None
