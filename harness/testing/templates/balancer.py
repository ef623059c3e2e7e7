"""The more a group loses now, the more it counts."""

from typing import ClassVar

import torch
from pydantic import Field

from harness.plugins import Balancer, Frozen, GroupSignals


class ExampleConfig(Frozen):
    """How much losses matter; a run sets it by ``--set config.balancer_options.kappa=2``."""

    kappa: float = Field(1.0, ge=0, description="κ: 0 weighs all groups equally, more of it the worst one")


class Example(Balancer):
    """w_k ∝ exp(κ L_k) over the groups that are present: the softmax of the losses, without memory."""

    name = "example"
    summary = "softmax of the groups' losses"
    Config: ClassVar[type[Frozen]] = ExampleConfig
    config: ExampleConfig
    needs_gradients = False

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return torch.softmax((self.config.kappa * signals.losses).masked_fill(~signals.present, -torch.inf), dim=0)
