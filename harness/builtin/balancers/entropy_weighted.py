"""The other possible reading of the paper: the entropy of the weighted losses."""

from __future__ import annotations

from collections.abc import Callable

from harness.balance.loss_entropy import entropy, loss_distribution
from harness.balance.minimiser import EntropyMinimiser
from harness.base.late import torch
from harness.plugins import GroupSignals


class EntropyWeighted(EntropyMinimiser):
    """min_{w∈Δ} ½ wᵀMw − λ H(q), q_k = w_k L_k / Σ_j w_j L_j; λ → ∞ gives w_k ∝ 1/L_k (equal weighted losses).

    ∂H(q)/∂w_j = −(L_j / Σ w L) (log q_j + H(q)). −H(q(w)) is quasi-convex in w, not convex.
    """

    name = "entropy_weighted"
    summary = "Frank–Wolfe on ½wᵀMw − λH(q), q the distribution of the weighted losses"

    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        M, L, present, lam = signals.gram, signals.losses, signals.present, self.config.lam

        def gradient(w: torch.Tensor) -> torch.Tensor:
            q = loss_distribution(w * L, present)
            log_q = torch.where(present, q, torch.ones_like(q)).log()
            return M @ w + lam * L / (w * L * present).sum() * (log_q + entropy(q))

        return gradient
