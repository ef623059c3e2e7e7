"""The entropy of the weights themselves."""

from __future__ import annotations

from collections.abc import Callable

from harness.balance.minimiser import EntropyMinimiser
from harness.base.late import torch
from harness.plugins import GroupSignals


class EntropyWeights(EntropyMinimiser):
    """min_{w∈Δ} ½ wᵀMw − λ H(w): MGDA pulled towards uniform weights; convex."""

    name = "entropy_weights"
    summary = "Frank–Wolfe on ½wᵀMw − λH(w): MGDA pulled towards uniform weights"

    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        M, present, lam = signals.gram, signals.present, self.config.lam

        def gradient(w: torch.Tensor) -> torch.Tensor:
            return M @ w + lam * (torch.where(present, w, torch.ones_like(w)).log() + 1)

        return gradient
