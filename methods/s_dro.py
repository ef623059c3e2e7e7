"""Streaming distributionally robust optimisation."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from harness.balance.balancing_options import GroupWeightedConfig
from harness.balance.group_weighted import GroupWeighted
from harness.balance.level import Level
from harness.balance.rule_options import DroConfig
from harness.balance.weighting import WeightingOptions
from harness.plugins import SearchRange


class SDroConfig(GroupWeightedConfig, DroConfig):
    """The step of the weights and the rate of the estimates."""

    rate: float = Field(0.1, gt=0, le=1, description="β: of the streaming estimate; 1 is group_dro")


class SDro(GroupWeighted):
    """w_k ← w_k exp(α L̃_k) / Σ with L̃_k ← (1 − β) L̃_k + β L_k where group k is in the batch, and a step on Σ_k w_k L_k.

    Wen et al. 2022: the estimate L̃ has less variance than the batch's loss, which matters for rare groups. Groups that
    are not in the batch keep theirs. L̃ starts at the first observed loss (the mean of what was seen, in the first
    steps) instead of at a guess.
    """

    name = "s_dro"
    summary = "group DRO on streaming estimates of the group losses"
    reference = "Wen et al., Distributionally-robust Recommendations for Improving Worst-case User Experience, WWW 2022"
    Config = SDroConfig
    config: SDroConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "alpha": SearchRange(1e-4, 0.1, log=True),
        "rate": SearchRange(0.01, 0.5, log=True),
        **GroupWeighted.search_space,
    }

    def new_level(self) -> Level:
        smoothing = WeightingOptions(ema=1 - self.config.rate, min_rows=self.config.min_rows)
        return self.config.level_of("group_dro", self.groups.data_shares, smoothing)
