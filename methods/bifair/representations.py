"""Z and the outer optimiser's step on it: every row free, or a low-rank change of Z₀."""

from abc import ABC, abstractmethod

import torch


class Representations(ABC):
    """Z, shape (n_items, d_lm), learnt by Adam at rate η from gradients with respect to Z.

    Args:
        Z: holds Z₀ and is changed in place
        eta: η
    """

    def __init__(self, Z: torch.Tensor, eta: float) -> None:
        self.Z = Z
        self.eta = eta

    @abstractmethod
    def step(self, gradient: torch.Tensor) -> None:
        """One step along ∇_ZF, shape of Z."""


class Free(Representations):
    """Z itself is learnt."""

    def __init__(self, Z: torch.Tensor, eta: float) -> None:
        super().__init__(Z, eta)
        self._optimizer = torch.optim.Adam([Z], lr=eta, foreach=False)

    def step(self, gradient: torch.Tensor) -> None:
        self.Z.grad = gradient
        self._optimizer.step()


class LowRank(Representations):
    """Z = Z₀ + A·B with A (n_items, r) and B (r, d_lm) learnt (our reading, after Hu et al., LoRA, ICLR 2022).

    A starts at 0, so Z at Z₀; B starts at random with rows of unit length. For catalogues whose Adam state would not
    fit: it is r·(n_items + d_lm) numbers twice instead of n_items·d_lm twice. By the chain rule ∂F/∂A = ∂F/∂Z Bᵀ and
    ∂F/∂B = Aᵀ ∂F/∂Z; the bi-level gradient is linear in ∂F/∂Z, so it goes through the same two products.

    Args:
        rank: r
        generator: of B's start
    """

    def __init__(self, Z: torch.Tensor, eta: float, rank: int, generator: torch.Generator) -> None:
        super().__init__(Z, eta)
        self._Z0 = Z.clone()
        self.A = torch.zeros(len(Z), rank, dtype=Z.dtype, device=Z.device)
        start = torch.randn(rank, Z.shape[1], generator=generator, dtype=Z.dtype, device=Z.device)
        self.B = torch.nn.functional.normalize(start, dim=1)
        self._optimizer = torch.optim.Adam([self.A, self.B], lr=eta, foreach=False)

    def step(self, gradient: torch.Tensor) -> None:
        self.A.grad, self.B.grad = gradient @ self.B.T, self.A.T @ gradient
        self._optimizer.step()
        torch.addmm(self._Z0, self.A, self.B, out=self.Z)
