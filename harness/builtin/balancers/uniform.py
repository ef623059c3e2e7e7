"""Every group counts the same."""

from __future__ import annotations

from harness.balance.frank_wolfe import uniform_over
from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals


class Uniform(Balancer):
    """w_k = 1/K over the groups in the batch."""

    name = "uniform"
    summary = "every group counts the same"
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return uniform_over(signals.present)
