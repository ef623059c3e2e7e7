"""The entropy of the weights themselves."""

import torch

from harness.balance.frank_wolfe import frank_wolfe, open_loop_step
from harness.protocols import Balancer, GroupSignals


class EntropyWeights(Balancer):
    """min_{w∈Δ} ½ wᵀMw − λ H(w): MGDA pulled towards uniform weights; convex."""

    name = "entropy_weights"
    summary = "Frank–Wolfe on ½wᵀMw − λH(w): MGDA pulled towards uniform weights"

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        M, present, lam = signals.gram, signals.present, self.options.lam

        def gradient(w: torch.Tensor) -> torch.Tensor:
            return M @ w + lam * (torch.where(present, w, torch.ones_like(w)).log() + 1)

        return frank_wolfe(gradient, open_loop_step, present, self.options.T).weights
