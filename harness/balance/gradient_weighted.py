"""What methods share whose group weights are a function of the groups' gradients alone (MGDA, UPGrad)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.balancing_options import GramConfig
from harness.balance.group_weighted import GroupWeighted
from harness.balance.level import Level
from harness.balance.weighting import WeightingOptions
from harness.base.frozen import Frozen
from harness.base.late import torch
from harness.plugins import MethodConfig, SearchRange, Use


class GradientWeightedConfig(GramConfig):
    """What gradients are of."""

    gram: Literal["factors", "theta"] = Field(
        "factors", description="gradients with respect to the final factors or to θ"
    )


class GradientWeighted(GroupWeighted):
    """A step of θ on Σ_k w_k L_k, w by the balancer that has the method's name."""

    Config: ClassVar[type[MethodConfig]] = GradientWeightedConfig
    config: GradientWeightedConfig
    changes: ClassVar[tuple[str, ...]] = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "gram": SearchRange(choices=("factors", "theta")),
        **GroupWeighted.search_space,
    }

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        return [Use("balancer", cls.name)]

    def new_level(self) -> Level:
        config = self.config
        smoothing = WeightingOptions(config.ema, config.min_rows, every=config.balance_every, remember=config.remember)
        return config.level_of(self.name, self.groups.data_shares, smoothing)

    def compared(self) -> torch.Tensor | None:
        return self.theta if self.config.gram == "theta" else None
