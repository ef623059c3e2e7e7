"""Group distributionally robust optimisation."""

from collections.abc import Mapping
from typing import ClassVar

from harness.balance.balancing_options import GroupWeightedConfig
from harness.balance.group_weighted import GroupWeighted
from harness.balance.level import Level
from harness.balance.rule_options import DroConfig
from harness.balance.weighting import WeightingOptions
from harness.plugins import SearchRange


class GroupDroConfig(GroupWeightedConfig, DroConfig):
    """The step of the weights."""


class GroupDro(GroupWeighted):
    """min_θ max_{w∈Δ} Σ_k w_k L_k:  w_k ← w_k exp(α L_k) / Σ_j w_j exp(α L_j), then a step of θ on Σ_k w_k L_k.

    Sagawa et al. 2020, Algorithm 1, with the batch's own group losses. The weights multiply the losses as they are: no
    second softmax.
    """

    name = "group_dro"
    summary = "exponentiated-gradient weights on the batch's group losses"
    reference = "Sagawa et al., Distributionally Robust Neural Networks for Group Shifts, ICLR 2020, arXiv 1911.08731"
    Config = GroupDroConfig
    config: GroupDroConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "alpha": SearchRange(1e-4, 0.1, log=True),
        **GroupWeighted.search_space,
    }

    def new_level(self) -> Level:
        smoothing = WeightingOptions(ema=0.0, min_rows=self.config.min_rows)
        return self.config.level_of("group_dro", self.groups.data_shares, smoothing)
