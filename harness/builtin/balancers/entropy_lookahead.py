"""The entropy of the losses that the step itself would leave behind."""

from __future__ import annotations

from collections.abc import Callable

from harness.balance.loss_entropy import excess
from harness.balance.minimiser import EntropyMinimiser
from harness.base.late import torch
from harness.plugins import GroupSignals


class EntropyLookahead(EntropyMinimiser):
    """min_{w∈Δ} ½ wᵀMw − λ H(p(L')), L' = L − ξ GGᵀw with the unscaled Gram matrix, kept above 0; not convex.

    ∂H/∂w = ξ GGᵀ a(L') / ΣL', since ∂H(p)/∂L' = −a/ΣL'.
    """

    name = "entropy_lookahead"
    summary = "Frank–Wolfe on ½wᵀMw − λH(p(L − ξGGᵀw)): the losses after the step"
    smallest_loss = 1e-6

    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        M, present = signals.gram, signals.present
        unscaled, xi = signals.gram * signals.scale, signals.lookahead_rate

        def gradient(w: torch.Tensor) -> torch.Tensor:
            after = (signals.losses - xi * unscaled @ w).clamp(min=self.smallest_loss)
            rise = xi * unscaled @ excess(after, present) / (after * present).sum()
            return M @ w - self.config.lam * rise

        return gradient
