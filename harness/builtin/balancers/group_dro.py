"""Group distributionally robust optimisation."""

from __future__ import annotations

from typing import ClassVar

from harness.balance.rule_options import DroConfig
from harness.base.frozen import Frozen
from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals


class GroupDro(Balancer):
    """w_k ← w_k exp(α L_k) / Σ, from uniform weights (Sagawa et al., ICLR 2020, Algorithm 1)."""

    name = "group_dro"
    summary = "exponentiated-gradient weights on group losses (Sagawa et al. 2020)"
    Config: ClassVar[type[Frozen]] = DroConfig
    config: DroConfig
    needs_gradients = False
    changes = ("_log_weights",)

    def __init__(self, config: Frozen | None = None) -> None:
        super().__init__(config)
        self._log_weights: torch.Tensor | None = None

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        if self._log_weights is None:
            self._log_weights = torch.zeros_like(signals.losses)
        self._log_weights = self._log_weights + self.config.alpha * signals.losses * signals.present
        self._log_weights = self._log_weights - self._log_weights.logsumexp(0)
        return torch.softmax(self._log_weights.masked_fill(~signals.present, -torch.inf), dim=0)
