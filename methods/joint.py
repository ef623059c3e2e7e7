"""Z and θ trained together: the control that shows what is bi-level, what is balancing and what is more parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.balancing_options import BalancedConfig
from harness.balance.group_weighted import GroupWeighted
from harness.balance.level import Level
from harness.base.late import torch
from harness.models.recommender import EpochMeans
from harness.plugins import Problem, SearchRange


class JointConfig(BalancedConfig):
    """The loss, and Z's rate."""

    propagation: Literal["exact"] = Field("exact", description="Z is learnt through the whole graph")
    loss: Literal["erm", "balanced"] = Field("balanced", description="plain mean, or group weights by the balancer")
    eta: float = Field(1e-3, ge=0, description="η: Adam's rate on Z; 0 leaves Z at Z₀")


class Joint(GroupWeighted):
    """min_{Z,θ} Σ_k w_k L_k(Z, θ) by one Adam with a rate for each of the two (a control of BiFair's ablation).

    ``erm`` takes proportional weights, with which the loss is the batch's mean; with η = 0 it is ``alpharec``.
    """

    name = "joint"
    summary = "representations and projector trained together, on the plain or the balanced loss"
    reference = "control; Zhang et al., BiFair, 2025, arXiv 2507.04294 names the bi-level alternative"
    Config = JointConfig
    config: JointConfig
    changes = ("Z",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "eta": SearchRange(1e-4, 1e-2, log=True),
        **GroupWeighted.search_space,
        "lam": SearchRange(0.1, 30, log=True),
        "T": SearchRange(5, 200, log=True, integer=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.Z0 = self.Z.clone()
        if self.config.eta > 0:
            self.optimizer.add_param_group({"params": [self.Z], "lr": self.config.eta, "weight_decay": 0.0})

    def new_level(self) -> Level:
        config = self.config
        if config.loss == "erm":
            config = config.model_copy(update={"balancer": "proportional"})
        return config.level(self.groups.data_shares, config.learning_rate)

    def learnt(self) -> tuple[torch.Tensor, ...]:
        return (self.theta, self.Z) if self.config.eta > 0 else (self.theta,)

    def describe(self, means: EpochMeans) -> None:
        if self.config.eta > 0:
            means.value("drift_of_Z", (self.Z - self.Z0).norm() / self.Z0.norm())
