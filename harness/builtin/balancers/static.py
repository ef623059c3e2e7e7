"""Inverse group frequency."""

from __future__ import annotations

from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals


class Static(Balancer):
    """w_k ∝ 1 / Σ_D C_k: the prior weights that the paper avoids, as a control."""

    name = "static"
    summary = "inverse group frequency: the prior weights that BiFair avoids"
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        inverse = torch.where(signals.present, 1 / signals.data_shares.clamp(min=1e-12), 0.0)
        return inverse / inverse.sum()
