"""The entropy of the weights themselves."""

from collections.abc import Callable
from typing import ClassVar

import torch

from harness.balance.frank_wolfe import Solution, minimise
from harness.balance.rule_options import EntropyConfig
from harness.base.frozen import Frozen
from harness.plugins import Balancer, GroupSignals


class EntropyWeights(Balancer):
    """min_{w∈Δ} ½ wᵀMw − λ H(w): MGDA pulled towards uniform weights; convex."""

    name = "entropy_weights"
    summary = "Frank–Wolfe on ½wᵀMw − λH(w): MGDA pulled towards uniform weights"
    Config: ClassVar[type[Frozen]] = EntropyConfig
    config: EntropyConfig

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return self.solve(signals).weights

    def solve(self, signals: GroupSignals) -> Solution:
        """The weights with their duality gap (a bound only where the objective is convex)."""
        return minimise(self.gradient(signals), signals.present, self.config.T)

    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        """The objective's gradient, a function of w, (K,) to (K,)."""
        M, present, lam = signals.gram, signals.present, self.config.lam

        def gradient(w: torch.Tensor) -> torch.Tensor:
            return M @ w + lam * (torch.where(present, w, torch.ones_like(w)).log() + 1)

        return gradient
