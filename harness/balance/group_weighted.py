"""The training loop of methods that minimise a weighted loss, and the two ways to say what the weights are.

A method either gives a weight to every row (:class:`RowWeighted`) or to every group (:class:`GroupWeighted`).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from harness.balance.balancing_options import GroupWeightedConfig
from harness.balance.level import Balanced, Level
from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.floors import Floors
from harness.models.group_losses import group_losses
from harness.models.losses import info_nce
from harness.models.recommender import EpochMeans, Recommender
from harness.plugins import EpochReport, Problem
from harness.plugins.protocols.intervention import ServedSide


class Weighted(Recommender):
    """Steps of ``optimizer`` on a weighted loss; weights are constants within a step."""

    family = "in"
    side: ClassVar[ServedSide] = "either"
    selection: ClassVar[str] = "fair_within:0.02"
    changes: ClassVar[tuple[str, ...]] = ()

    def train_epoch(self) -> EpochReport:
        means = EpochMeans(self.groups.names)
        for batch in self.batches:
            learnt = self.learnt()
            for tensor in learnt:
                tensor.requires_grad_(True)
            view = self.views.of(batch)
            factors = view.factors(view.inputs, self.theta)
            result = self.weighted(factors, view.batch, self.groups.of(batch), learnt)
            for tensor, gradient in zip(learnt, result.gradients, strict=True):
                tensor.requires_grad_(False)
                tensor.grad = gradient
            self.optimizer.step()
            means.add(result.losses.losses, result.losses.mass, result.weights)
            if result.ascending is not None:
                means.value("ascending_groups", result.ascending)
        self._changed()
        self.describe(means)
        return means.report()

    def learnt(self) -> tuple[torch.Tensor, ...]:
        """What the optimiser moves in the present step."""
        return (self.theta,)

    def describe(self, means: EpochMeans) -> None:
        """Add values to the epoch's report."""

    @abstractmethod
    def weighted(
        self, factors: Factors, batch: Batch, shares: torch.Tensor, learnt: tuple[torch.Tensor, ...]
    ) -> Balanced:
        """The loss's gradients with respect to ``learnt``, with the groups' losses and weights.

        Args:
            factors: final factors, with their history
            batch, shares: rows and their membership C (B, K)
        """


@dataclass(frozen=True)
class Rows:
    """What weights of rows may be computed from.

    Attributes:
        batch: B interactions
        shares: C of the rows, shape (B, K), rows sum to 1
        losses: ℓ, shape (B,), without history
        factors: the final factors, with their history
    """

    batch: Batch
    shares: torch.Tensor
    losses: torch.Tensor
    factors: Factors


class RowWeighted(Weighted):
    """Σ_b ω_b ℓ_b + penalty, with ω_b ≥ 0 and Σ_b ω_b = 1; the reported weight of a group is Σ_b ω_b C_bk."""

    changes: ClassVar[tuple[str, ...]] = ()

    def row_weights(self, rows: Rows) -> torch.Tensor:
        """Weights of the rows up to a common factor, shape (B,); negative ones count as 0."""
        return torch.ones_like(rows.losses)

    def penalty(self, rows: Rows) -> torch.Tensor | None:
        """What is added to the loss, a differentiable scalar."""
        return None

    def weighted(
        self, factors: Factors, batch: Batch, shares: torch.Tensor, learnt: tuple[torch.Tensor, ...]
    ) -> Balanced:
        losses = info_nce(factors, batch, self.config.temperature)
        rows = Rows(batch, shares, losses.detach(), factors)
        omega = normalised(self.row_weights(rows))
        objective = omega @ losses
        penalty = self.penalty(rows)
        if penalty is not None:
            objective = objective + penalty
        gradients = torch.autograd.grad(objective, learnt)
        return Balanced(group_losses(rows.losses, shares), omega @ shares, omega, gradients, None)


class GroupWeighted(Weighted):
    """Σ_k w_k L_k under the weights of a level."""

    changes: ClassVar[tuple[str, ...]] = ("level",)
    config: GroupWeightedConfig
    level: Level

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.level = self.new_level()

    def _floors(self, problem: Problem, interactions: Interactions, purpose: str) -> Floors | None:
        return self.config.floors(problem, interactions, purpose)

    @abstractmethod
    def new_level(self) -> Level:
        """The rule for the weights, before its first step."""

    def compared(self) -> torch.Tensor | None:
        """What the compared group gradients are of: a learnt tensor, or None for the final factors."""
        return None

    def weighted(
        self, factors: Factors, batch: Batch, shares: torch.Tensor, learnt: tuple[torch.Tensor, ...]
    ) -> Balanced:
        return self.level.balance(factors, batch, shares, learnt, self.compared())


def normalised(weights: torch.Tensor) -> torch.Tensor:
    """Weights that sum to 1, negative ones set to 0; equal weights where nothing is left."""
    weights = weights.clamp(min=0)
    total = weights.sum()
    equal = torch.full_like(weights, 1 / len(weights))
    return torch.where(total > torch.finfo(weights.dtype).tiny, weights / total, equal)
