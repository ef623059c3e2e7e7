"""The entropy of the losses that the step itself would leave behind."""

from collections.abc import Callable
from typing import ClassVar

import torch

from harness.balance.frank_wolfe import Solution, minimise
from harness.balance.loss_entropy import excess
from harness.balance.rule_options import EntropyConfig
from harness.base.frozen import Frozen
from harness.plugins import Balancer, GroupSignals


class EntropyLookahead(Balancer):
    """min_{w∈Δ} ½ wᵀMw − λ H(p(L')), L' = L − ξ GGᵀw with the unscaled Gram matrix, kept above 0; not convex.

    ∂H/∂w = ξ GGᵀ a(L') / ΣL', since ∂H(p)/∂L' = −a/ΣL'.
    """

    name = "entropy_lookahead"
    summary = "Frank–Wolfe on ½wᵀMw − λH(p(L − ξGGᵀw)): the losses after the step"
    Config: ClassVar[type[Frozen]] = EntropyConfig
    config: EntropyConfig

    smallest_loss = 1e-6

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return self.solve(signals).weights

    def solve(self, signals: GroupSignals) -> Solution:
        """The weights with their duality gap (a bound only where the objective is convex)."""
        return minimise(self.gradient(signals), signals.present, self.config.T)

    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        """The objective's gradient, a function of w, (K,) to (K,)."""
        M, present = signals.gram, signals.present
        unscaled, xi = signals.gram * signals.scale, signals.lookahead_rate

        def gradient(w: torch.Tensor) -> torch.Tensor:
            after = (signals.losses - xi * unscaled @ w).clamp(min=self.smallest_loss)
            rise = xi * unscaled @ excess(after, present) / (after * present).sum()
            return M @ w - self.config.lam * rise

        return gradient
