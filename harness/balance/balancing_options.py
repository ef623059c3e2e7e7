"""Options of group-weighted training, shared by all methods that balance groups."""

import torch
from pydantic import Field, field_validator

from harness.balance.level import Level
from harness.balance.weighting import GroupWeighting, WeightingOptions
from harness.models.recommender import RecommenderConfig
from harness.plugins import BalancerOptions
from harness.plugins.registry import registry


class GroupWeightedConfig(RecommenderConfig):
    """A loss Σ_k w_k L_k over groups."""

    min_rows: int = Field(32, ge=1, description="rows a group needs in a batch to be given weight")

    def level_of(
        self, balancer: str, data_shares: torch.Tensor, options: BalancerOptions, smoothing: WeightingOptions
    ) -> Level:
        """A level whose weights follow the balancer called ``balancer``.

        Args:
            data_shares: each group's share of the training interactions, shape (K,)
            options: of the balancer
            smoothing: of its inputs
        """
        rule = registry.get("balancer", balancer)(options)
        return Level(GroupWeighting(rule, data_shares, smoothing), self.temperature)


class GramConfig(GroupWeightedConfig):
    """Weights that look at noisy group gradients."""

    balance_every: int = Field(1, ge=1, description="steps between refreshes of the weights")
    ema: float = Field(0.9, ge=0, lt=1, description="smoothing of group losses and Gram matrix")


class BalancedConfig(GramConfig):
    """Which balancer, and its parameters."""

    balancer: str = Field("entropy", description="the rule for group weights")
    T: int = Field(50, ge=1, description="T: Frank–Wolfe iterations")
    lam: float = Field(3.0, ge=0, description="λ: weight of the entropy term; 0 is MGDA")
    alpha: float = Field(0.01, ge=0, description="α: step of DRO weights (balancer group_dro)")
    gamma: float = Field(1.0, ge=0, le=1, description="γ: share of the balancer's weights against proportional ones")

    @field_validator("balancer")
    @classmethod
    def _balancer_is_registered(cls, name: str) -> str:
        return registry.get("balancer", name).name

    def level(self, data_shares: torch.Tensor, lookahead_rate: float) -> Level:
        """A level with weights of its own.

        Args:
            data_shares: each group's share of the training interactions, shape (K,)
            lookahead_rate: ξ, for balancers that look at the losses after the step
        """
        options = BalancerOptions(T=self.T, lam=self.lam, alpha=self.alpha, xi=lookahead_rate)
        smoothing = WeightingOptions(self.ema, self.min_rows, self.gamma, self.balance_every)
        return self.level_of(self.balancer, data_shares, options, smoothing)
