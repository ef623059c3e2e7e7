"""Z under propagation on the input side: gradients arrive at rows of X̄ = PZ and reach Z through Pᵀ.

P is linear, so the sum of Pᵀ over several steps' gradients is Pᵀ of their sum: gradients of ``refresh_every`` outer
steps are gathered at X̄, carried back once, and one step of Z takes them together; X̄ is then propagated again. Z thus
moves more rarely, along gradients of more interactions.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.methods.bifair.representations import LowRank, Representations

from harness.base.late import torch
from harness.models.adam import adam
from harness.models.input_side import InputSide
from harness.models.views import View


class FreeInputs(Representations):
    """Z itself is learnt: gradients at X̄ take as much room as X̄.

    Args:
        views: their Z holds Z₀ and is changed in place
        eta: η
        every: outer steps that one step of Z takes together
    """

    changes = ("_optimizer", "_gradient", "_steps")

    def __init__(self, views: InputSide, eta: float, every: int) -> None:
        self.views = views
        self._every = every
        self._steps = 0
        self._gradient = torch.zeros_like(views.base)
        self._optimizer = adam([views.Z], lr=eta, fused=True)

    def add(self, view: View, gradient: torch.Tensor) -> None:
        assert view.nodes is not None
        self._gradient.index_add_(0, view.nodes, gradient)

    def step(self) -> None:
        self._steps += 1
        if self._steps % self._every:
            return
        self.views.Z.grad = self.views.gathered(self._gradient.div_(self._every))
        self._optimizer.step()
        self.views.Z.grad = None
        self._gradient.zero_()
        self.views.changed()

    def settle(self) -> None:
        """Z is up to date after every step of it."""

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.views.changed()


class LowRankInputs(LowRank):
    """X̄ = PZ₀ + (PA)·B: per step only rows of PA, r wide, are touched; the wide PZ₀ is propagated once.

    Args:
        views: their Z holds Z₀
        eta, rank, generator: as for ``LowRank``
        every: outer steps that one step of A and B takes together
    """

    changes = ("_by_PA", "_by_B", "_steps")

    def __init__(self, views: InputSide, eta: float, rank: int, every: int, generator: torch.Generator) -> None:
        super().__init__(views.Z, eta, rank, generator)
        self.views = views
        self._every = every
        self._steps = 0
        self._PA = torch.zeros(len(views.base), rank, dtype=self.A.dtype, device=self.A.device)
        self._by_PA, self._by_B = torch.zeros_like(self._PA), torch.zeros_like(self.B)
        views.change = (self._PA, self.B)

    def add(self, view: View, gradient: torch.Tensor) -> None:
        assert view.nodes is not None
        self._by_PA.index_add_(0, view.nodes, gradient @ self.B.T)
        self._by_B += self._PA.index_select(0, view.nodes).T @ gradient

    def step(self) -> None:
        self._steps += 1
        if self._steps % self._every:
            return
        self.A.grad, self.B.grad = self.views.gathered(self._by_PA.div_(self._every)), self._by_B / self._every
        self.optimizer.step()
        self._by_PA.zero_()
        self._by_B.zero_()
        self._propagate()

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        super().restore(state)
        self._propagate()

    def _propagate(self) -> None:
        self.views.spread(self.A, self._PA)
