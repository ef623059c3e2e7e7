"""Z and the outer optimiser's steps on it: every row free, or a low-rank change of Z₀."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from harness.base.changing import Changing
from harness.base.late import torch
from harness.models.adam import adam
from harness.models.views import View


class Representations(Changing, ABC):
    """Z, shape (n_items, d_lm), learnt by Adam at rate η.

    Gradients arrive at the inputs of batches' views; a step is taken along the sum of what arrived since the last.
    """

    changes: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def add(self, view: View, gradient: torch.Tensor) -> None:
        """A gradient at ``view.inputs``, shape of these; it is handed over and may be changed."""

    @abstractmethod
    def step(self) -> None:
        """An outer step has been computed: Z follows, at once or with the next ones."""

    @abstractmethod
    def settle(self) -> None:
        """An epoch has ended: Z is what it has been learnt to be."""

    def state(self) -> dict[str, torch.Tensor]:
        """Copies of what scores depend on beside Z."""
        return {}

    @abstractmethod
    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Undo every change since ``state`` was taken; Z has been restored already."""


class Free(Representations):
    """Z itself is learnt.

    Args:
        Z: holds Z₀ and is changed in place
        eta: η
    """

    changes = ("_optimizer",)

    def __init__(self, Z: torch.Tensor, eta: float) -> None:
        self.Z = Z
        self._optimizer = adam([Z], lr=eta, fused=True)  # one pass over Z instead of a dozen

    def add(self, view: View, gradient: torch.Tensor) -> None:
        self.Z.grad = gradient if self.Z.grad is None else self.Z.grad.add_(gradient)

    def step(self) -> None:
        self._optimizer.step()
        self.Z.grad = None

    def settle(self) -> None:
        """Z is up to date after every step."""

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Nothing depends on Z but scores."""


class LowRank(Representations):
    """Z = Z₀ + A·B with A (n_items, r) and B (r, d_lm) learnt (our reading, after Hu et al., LoRA, ICLR 2022).

    A starts at 0, so Z at Z₀; B starts at random with rows of unit length. For catalogues whose Adam state would not
    fit: it is r·(n_items + d_lm) numbers twice instead of n_items·d_lm twice. By the chain rule ∂F/∂A = ∂F/∂Z Bᵀ and
    ∂F/∂B = Aᵀ ∂F/∂Z; the bi-level gradient is linear in ∂F/∂Z, so it goes through the same two products.

    Args:
        Z: holds Z₀ and is changed in place
        eta: η
        rank: r
        generator: of B's start
    """

    changes = ("A", "B", "optimizer")

    def __init__(self, Z: torch.Tensor, eta: float, rank: int, generator: torch.Generator) -> None:
        self.Z = Z
        self._Z0 = Z.clone()
        self.A = torch.zeros(len(Z), rank, dtype=Z.dtype, device=Z.device)
        start = torch.randn(rank, Z.shape[1], generator=generator, dtype=Z.dtype, device=Z.device)
        self.B = torch.nn.functional.normalize(start, dim=1)
        self.optimizer = adam([self.A, self.B], lr=eta, foreach=False)
        self._gradient: torch.Tensor | None = None

    def add(self, view: View, gradient: torch.Tensor) -> None:
        self._gradient = gradient if self._gradient is None else self._gradient + gradient

    def step(self) -> None:
        if self._gradient is None:
            return
        self.A.grad, self.B.grad = self._gradient @ self.B.T, self.A.T @ self._gradient
        self._gradient = None
        self.optimizer.step()
        self.settle()

    def settle(self) -> None:
        torch.addmm(self._Z0, self.A, self.B, out=self.Z)

    def state(self) -> dict[str, torch.Tensor]:
        return {"A": self.A.clone(), "B": self.B.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.A.copy_(state["A"])
        self.B.copy_(state["B"])
