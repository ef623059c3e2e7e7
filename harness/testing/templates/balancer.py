"""The more a group loses now, the more it counts."""

import torch

from harness.plugins import Balancer, GroupSignals


class Example(Balancer):
    """w_k ∝ exp(α L_k) over the groups that are present: the softmax of the losses, without memory."""

    name = "example"
    summary = "softmax of the groups' losses"
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return torch.softmax((self.options.alpha * signals.losses).masked_fill(~signals.present, -torch.inf), dim=0)
