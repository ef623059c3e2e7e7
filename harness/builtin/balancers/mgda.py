"""The min-norm point of the group gradients."""

from __future__ import annotations

from typing import ClassVar

from harness.balance.frank_wolfe import Solution, minimise_quadratic
from harness.balance.minimiser import Minimiser
from harness.balance.rule_options import FrankWolfeConfig
from harness.base.frozen import Frozen
from harness.base.late import torch
from harness.plugins import GroupSignals


class Mgda(Minimiser):
    """min_{w∈Δ} ½ wᵀMw (Désidéri 2012; Sener & Koltun 2018): along −Σ w_k g_k no group ascends to first order."""

    name = "mgda"
    summary = "the min-norm point: a common descent direction, blind to how much a group loses"
    Config: ClassVar[type[Frozen]] = FrankWolfeConfig
    config: FrankWolfeConfig

    def solve(self, signals: GroupSignals) -> Solution:
        linear = torch.zeros_like(signals.losses)
        return minimise_quadratic(signals.gram, linear, signals.present, self.config.T)
