"""Unconflicting projection of group gradients."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from pydantic import Field

from harness.balance.config import GramConfig
from harness.balance.level import Level
from harness.balance.training import GroupWeighted
from harness.balance.weighting import WeightingOptions
from harness.protocols import BalancerOptions, SearchRange


class UpGradConfig(GramConfig):
    """What gradients are of."""

    gram: Literal["factors", "theta"] = Field(
        "factors", description="gradients with respect to the final factors or to θ, as in the paper"
    )


class UpGrad(GroupWeighted):
    """A step of θ on Σ_k w_k L_k, w the mean of the groups' projections onto the dual cone (Quinton & Rey 2024).

    ``harness.balance.balancers.upgrad`` has the formula. Unlike ``mgda`` it lets a group with a large gradient have the
    larger say.
    """

    name = "upgrad"
    summary = "mean of the group gradients, each projected so that it conflicts with none"
    reference = "Quinton & Rey, Jacobian Descent for Multi-Objective Optimization, 2024, arXiv 2406.16232"
    Config = UpGradConfig
    config: UpGradConfig
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "gram": SearchRange(choices=("factors", "theta")),
        "learning_rate": SearchRange(5e-4, 1e-2, log=True),
        "temperature": SearchRange(0.08, 0.3, log=True),
    }

    def new_level(self) -> Level:
        config = self.config
        options = BalancerOptions(T=1, lam=0.0, alpha=0.0, xi=0.0)
        smoothing = WeightingOptions(config.ema, config.min_rows, every=config.balance_every)
        return config.level_of("upgrad", self.groups.data_shares, options, smoothing)

    def compared(self) -> torch.Tensor | None:
        return self.theta if self.config.gram == "theta" else None
