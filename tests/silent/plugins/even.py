"""Equal weights, under another name."""

import torch

from harness.plugins import Balancer, GroupSignals


class Even(Balancer):
    """1/K for each of the groups that are present."""

    name = "even"
    summary = "equal weights"
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        present = signals.present.double()
        return present / present.sum().clamp(min=1)
