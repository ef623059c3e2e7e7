"""Every interaction counts the same: plain empirical risk."""

from __future__ import annotations

from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals


class Proportional(Balancer):
    """w_k = Σ_b C_bk / B, with which Σ_k w_k L_k is the mean loss of the batch, overlapping groups included."""

    name = "proportional"
    summary = "every interaction counts the same: plain empirical risk"
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return signals.batch_shares
