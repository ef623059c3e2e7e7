"""θ first, then Z: the ablation in which neither level sees the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.balancing_options import BalancedConfig
from harness.balance.group_weighted import GroupWeighted
from harness.balance.level import Level
from harness.base.changing import ChangedState
from harness.base.late import torch
from harness.models.adam import adam
from harness.models.recommender import EpochMeans
from harness.plugins import EpochReport, Problem, SearchRange

WINDOW = 3


class SeparateConfig(BalancedConfig):
    """When θ has converged, and Z's rate."""

    propagation: Literal["exact"] = Field("exact", description="Z is learnt through the whole graph")
    theta_loss: Literal["erm", "balanced"] = Field(
        "balanced", description="what θ minimises first; with erm only Z is made fair"
    )
    eta: float = Field(1e-3, ge=0, description="η: Adam's rate on Z")
    theta_epochs: int = Field(20, ge=0, le=100_000, description="epochs of θ at most, before Z's turn")
    plateau: float = Field(
        5e-3, ge=0, description="θ has converged when three epochs lower the training loss by a smaller share; 0: never"
    )


class Separate(GroupWeighted):
    """θ̂ = argmin_θ Σ_k w_k L_k(Z₀, θ), then min_Z Σ_k w_k L_k(Z, θ̂)  (Zhang et al. 2025, the ablation "Separate").

    Our reading: both phases minimise the balanced loss (``theta_loss = erm``: the second alone, the ablation "only Z").
    θ has converged where the mean training loss no longer falls by the share ``plateau`` within three epochs, or after
    ``theta_epochs``; training data alone decide, and validation selects the epoch that is kept, from either phase. The
    value ``phase`` says whose turn an epoch was (1: θ, 2: Z).
    """

    name = "separate"
    summary = "projector on frozen representations until it converges, then representations under the frozen projector"
    reference = "Zhang et al., BiFair: A Fairness-aware Training Framework for LLM-enhanced RS, 2025, arXiv 2507.04294"
    Config = SeparateConfig
    config: SeparateConfig
    changes = ("Z", "learns_z", "_losses")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "eta": SearchRange(1e-4, 1e-2, log=True),
        **GroupWeighted.search_space,
        "lam": SearchRange(0.1, 30, log=True),
        "T": SearchRange(5, 200, log=True, integer=True),
        "theta_epochs": SearchRange(5, 30, integer=True),
    }

    @classmethod
    def phases(cls, config: SeparateConfig, max_epochs: int) -> Sequence[tuple[int, SeparateConfig]]:
        first = min(config.theta_epochs, max_epochs)
        return [(first, config), (max_epochs - first, config.model_copy(update={"theta_epochs": 0}))]

    def prepare(self, problem: Problem) -> None:
        self.learns_z = False
        super().prepare(problem)
        self.Z0 = self.Z.clone()
        self._losses: list[float] = []
        if self.config.theta_epochs == 0:
            self._turn_to_z()

    def train_epoch(self) -> EpochReport:
        report = super().train_epoch()
        if not self.learns_z:
            self._losses.append(report.loss)
            if len(self._losses) >= self.config.theta_epochs or has_converged(self._losses, self.config.plateau):
                self._turn_to_z()
        return report

    def resume(self, state: ChangedState) -> None:
        if state.values.get("learns_z") and not self.learns_z:
            self._turn_to_z()  # Z's optimiser and level are there to be given their state
        super().resume(state)

    def new_level(self) -> Level:
        config = self.config
        if config.theta_loss == "erm" and not self.learns_z:
            config = config.model_copy(update={"balancer": "proportional"})
        return config.level(self.groups.data_shares, config.learning_rate)

    def learnt(self) -> tuple[torch.Tensor, ...]:
        return (self.Z,) if self.learns_z else (self.theta,)

    def describe(self, means: EpochMeans) -> None:
        means.value("phase", torch.tensor(2.0 if self.learns_z else 1.0))
        if self.learns_z:
            means.value("drift_of_Z", (self.Z - self.Z0).norm() / self.Z0.norm())

    def _turn_to_z(self) -> None:
        self.learns_z = True
        if self.config.theta_loss == "erm":
            self.level = self.new_level()
        self.optimizer = adam([self.Z], lr=self.config.eta, foreach=False)


def has_converged(losses: list[float], plateau: float) -> bool:
    """Whether the last ``WINDOW`` epochs lowered the loss by a smaller share than ``plateau``; never for 0."""
    return plateau > 0 and len(losses) > WINDOW and losses[-1] > (1 - plateau) * losses[-1 - WINDOW]
