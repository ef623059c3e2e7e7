"""Negatives that are drawn less often from groups whose items score too low."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import functional, torch
from harness.domain.items_alone import require_items
from harness.models.batches import Batch, BatchSampler
from harness.models.group_negatives import GroupNegatives
from harness.models.recommender import RecommenderConfig
from harness.plugins import EpochReport, MethodConfig, Problem, SearchRange


class FairNegConfig(RecommenderConfig):
    """How the groups' probabilities move, and what they are mixed with."""

    shared_negatives: Literal[False] = Field(False, description="negatives are drawn for each user")
    rate: float = Field(0.2, ge=0, description="α: step of the groups' probabilities in an epoch; 0 keeps them")
    momentum: float = Field(0.9, ge=0, lt=1, description="γ: share of the past in the gradients' moving average")
    mix: float = Field(
        0.0, ge=0, le=1, description="β: share of negatives drawn by their scores; 0.4 with the authors' BPR"
    )
    hardness: float = Field(0.4, gt=0, description="T: temperature of the softmax by which those are drawn")


class FairNeg(AlphaRec):
    """AlphaRec whose negatives come from P(i|u) = β softmax_i(s_ui/T) + (1 − β) Σ_k p_k C_ik/Σ_j C_jk.

    The sums and the softmax are over what u did not take. Before every epoch (Chen et al. 2023, as in the code that
    the authors published)

        L_k = mean of −ln σ(s_ui) over the taken items i of group k,   ∇_k = L_k − mean_j L_j
        v_k ← γ v_k + (1 − γ) ∇_k,   p_k ← clip(p_k − α v_k, 0, 1),   p ← p / Σ p

    from v = ∇ at first and p_k the groups' shares of the items: with α = β = 0 that is AlphaRec, but for how users'
    own items change the groups' shares. A group whose items score too low has its items taken for negatives less often.

    Our reading: s is the logit of the backbone's loss, cosine/τ, in the place of matrix factorisation's product, and
    InfoNCE over N negatives, which by itself weighs hard ones most, stands for BPR; an item with several groups counts
    in each by its share. The authors' code keeps the last gradient in the place of v, and gives what p lacks to 1 to
    the last group; here v is the moving average that they name, and p is divided by its sum.
    """

    name = "fairneg"
    summary = "negatives drawn less from groups that score too low, mixed with hard ones"
    reference = "Chen et al., Fairly Adaptive Negative Sampling for Recommendations, WWW 2023, arXiv 2302.08266"
    family = "in"
    side = "item"
    Config: ClassVar[type[MethodConfig]] = FairNegConfig
    config: FairNegConfig
    selection = "fair_within:0.02"
    changes = ("p", "v", "negatives")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "rate": SearchRange(0.01, 1, log=True),
        "mix": SearchRange(0, 0.8),
        **AlphaRec.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        require_items("fairneg draws negatives from", problem.membership.grouping, problem.membership.side)
        super().prepare(problem)
        config, training, streams = self.config, problem.training, problem.streams
        C = torch.as_tensor(problem.membership.shares.toarray(), dtype=self.dtype, device=self.device)
        order, unused = streams.generator("batches"), streams.generator("batches", "negatives")
        self.batches = BatchSampler(training, training, config.batch_size, 0, order, unused)
        generator = streams.generator("group negatives")
        self.negatives = GroupNegatives(training, C, config.negatives, config.mix, config.hardness, generator)
        self.everything = Batch(self.batches.users, self.batches.items, self.batches.items[:, None][:, :0])
        self.p = C.mean(dim=0)
        self.v: torch.Tensor | None = None

    def train_epoch(self) -> EpochReport:
        self.drawn_by = self._cached_factors()
        gradient = self.gradient()
        self.v = gradient if self.v is None else self.config.momentum * self.v + (1 - self.config.momentum) * gradient
        self.p = moved(self.p, self.config.rate * self.v)
        report = super().train_epoch()
        return dataclasses.replace(report, values={**report.values, "loss_gap": float(gradient.abs().max())})

    def gradient(self) -> torch.Tensor:
        """∇ at the present factors, shape (K,); 0 for groups of which nothing was taken."""
        factors, rows = self._cached_factors(), self.everything
        users, items = factors.users.index_select(0, rows.users), factors.items.index_select(0, rows.items)
        return deviations(
            functional.softplus(-(users * items).sum(dim=1) / self.config.temperature), self.groups.of(rows)
        )

    def _objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        negatives = self.negatives.draw(batch.users, self.p, self.drawn_by)
        return super()._objective(dataclasses.replace(batch, negatives=negatives))


def deviations(losses: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
    """L_k − mean_j L_j for losses (B,) and membership (B, K), shape (K,); the mean is over groups that have rows."""
    mass = C.sum(dim=0)
    present = mass > 0
    L = (losses @ C) / mass.clamp(min=1e-12)
    return torch.where(present, L - L[present].mean(), 0.0)


def moved(p: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """p − step, clipped to [0, 1] and divided by the sum; p itself where nothing would be left. Shape (K,)."""
    clipped = (p - step).clamp(0, 1)
    total = clipped.sum()
    return torch.where(total > 0, clipped / total.clamp(min=1e-12), p)
