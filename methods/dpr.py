"""Scores that do not give an item's groups away, distributed alike for every user."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import torch
from harness.base.sizes import Size
from harness.models.adversary import Adversary
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import info_nce
from harness.models.perceptron import Perceptron
from harness.models.recommender import RecommenderConfig
from harness.plugins import EpochReport, MethodConfig, Problem, SearchRange

SLOPE = 0.1
"""Of the LeakyReLU: with ReLU, as the authors have it, all units of a layer die when α is large, and nobody plays."""


class DprConfig(RecommenderConfig):
    """What is to be equal, the two weights, and the adversary."""

    goal: Literal["rsp", "reo"] = Field(
        "reo", description="the adversary sees scores of taken items and of negatives, or of taken items alone"
    )
    alpha: float = Field(5.0, ge=0, description="α: weight of the adversary's error; 0: it looks on")
    beta: float = Field(0.1, ge=0, description="β: weight of the users' divergence from the standard normal")
    adversary_rate: float = Field(5e-3, gt=0, description="of Adam on the adversary")
    adversary_steps: int = Field(5, ge=1, le=100, description="of the adversary before each step of θ")
    adversary_hidden: Size = Field(50, description="width of its hidden layers")
    adversary_layers: int = Field(4, ge=1, le=20, description="its hidden layers")


class Dpr(AlphaRec):
    """min_θ max_Ψ  mean_b ℓ_b − α Σ_b ω_b ‖σ(a_Ψ(s_b)) − g_b‖² / Σ_b ω_b + β mean_u KL(N(μ_u, σ_u²) ‖ N(0, 1)).

    The adversary a_Ψ, a perceptron with LeakyReLU, tells from one score s_b which groups its item is in, g_bk = 0 or 1;
    ω_b = Σ_k g_bk/n_k with n_k the members of group k, so that small groups weigh as much as large ones; μ_u and σ_u
    are mean and standard deviation of the scores of user u over all items, and KL = ½ (μ² + σ² − ln σ² − 1). With
    ``reo`` (equal true positive rates) b runs over the taken items, with ``rsp`` (statistical parity) over one negative
    of each row as well (Zhu et al. 2020; the squared error and the weights are those of the authors' code).

    Our reading: s is the logit of the backbone's loss, cosine/τ; means stand for the code's sums; before each step of θ
    the adversary takes ``adversary_steps`` on the same batch, where the code passes over all data; groups of users are
    told in the same way from the scores of their rows. With α = β = 0 it is ``alpharec``.
    """

    name = "dpr"
    summary = "an adversary that tells groups from scores, and score distributions that are alike"
    reference = "Zhu et al., Measuring and Mitigating Item Under-Recommendation Bias, SIGIR 2020"
    family = "in"
    side = "either"
    Config: ClassVar[type[MethodConfig]] = DprConfig
    config: DprConfig
    selection = "fair_within:0.02"
    changes = ("adversary",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "goal": SearchRange(choices=("rsp", "reo")),
        "alpha": SearchRange(0.1, 100, log=True),
        "beta": SearchRange(1e-3, 1, log=True),
        **AlphaRec.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        config, sizes = self.config, list(problem.membership.sizes.values())
        self.inverse = 1 / torch.tensor(sizes, dtype=self.dtype, device=self.device).clamp(min=1)
        every = Batch(self.batches.users, self.batches.items, self.batches.items[:0])
        mean = weighted_mean(*self.marked(every)).clamp(1e-6, 1 - 1e-6)
        widths = [1, *[config.adversary_hidden] * config.adversary_layers, len(sizes)]
        generator = problem.streams.generator("adversary")
        network = Perceptron(widths, SLOPE, generator, self.dtype, (mean / (1 - mean)).log())
        self.adversary = Adversary(network, config.adversary_rate, config.adversary_steps)

    def train_epoch(self) -> EpochReport:
        report = super().train_epoch()
        return dataclasses.replace(report, values={**report.values, **self.adversary.told()})

    def _objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        config, view = self.config, self.views.of(batch)
        factors = view.factors(view.inputs, self.theta)
        losses = info_nce(factors, view.batch, config.temperature)
        minimised = losses.mean()
        if config.beta > 0:
            minimised = minimised + config.beta * divergence(factors, config.temperature)
        seen = self.scores(factors, view.batch)
        g, omega = self.marked(batch)
        if config.goal == "rsp":
            seen = torch.cat([seen, self.scores(factors, of_negatives(view.batch))])
            g, omega = map(torch.cat, zip((g, omega), self.marked(of_negatives(batch)), strict=True))
        self.adversary.learn(seen.detach(), lambda a: error(a, g, omega), chance(g, omega))
        if config.alpha > 0:
            minimised = minimised - config.alpha * error(self.adversary.network(seen), g, omega)
        return losses, minimised

    def marked(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """g, 0/1, shape (B, K), and ω, shape (B,), of the batch's rows."""
        g = (self.groups.of(batch) > 0).to(self.dtype)
        return g, g @ self.inverse

    def scores(self, factors: Factors, batch: Batch) -> torch.Tensor:
        """s of the batch's items, shape (B, 1)."""
        users, items = factors.users.index_select(0, batch.users), factors.items.index_select(0, batch.items)
        return (users * items).sum(dim=1, keepdim=True) / self.config.temperature


def of_negatives(batch: Batch) -> Batch:
    """The batch with a negative of each row in the place of the item taken; rows that share theirs take turns."""
    negatives = batch.negatives
    if negatives.dim() == 1:
        return dataclasses.replace(
            batch, items=negatives.repeat(-(-len(batch.users) // len(negatives)))[: len(batch.users)]
        )
    return dataclasses.replace(batch, items=negatives[:, 0])


def error(a: torch.Tensor, g: torch.Tensor, omega: torch.Tensor) -> torch.Tensor:
    """Σ_b ω_b ‖σ(a_b) − g_b‖² / Σ_b ω_b, a scalar, for a and g of shape (B, K) and ω (B,)."""
    return omega @ (torch.sigmoid(a) - g).square().sum(dim=1) / omega.sum()


def chance(g: torch.Tensor, omega: torch.Tensor) -> torch.Tensor:
    """The error of the best guess that is the same for all rows, their weighted mean."""
    return omega @ (weighted_mean(g, omega) - g).square().sum(dim=1) / omega.sum()


def weighted_mean(g: torch.Tensor, omega: torch.Tensor) -> torch.Tensor:
    """Σ_b ω_b g_b / Σ_b ω_b, shape (K,)."""
    return omega @ g / omega.sum()


def divergence(factors: Factors, temperature: float) -> torch.Tensor:
    """mean_u KL(N(μ_u, σ_u²) ‖ N(0, 1)) of the users' scores, products of the factors over the temperature.

    By the items' mean and covariance, d × d, in the place of all scores.
    """
    users, mean = factors.users / temperature, factors.items.mean(dim=0)
    centred = factors.items - mean
    variance = ((users @ (centred.T @ centred / len(centred))) * users).sum(dim=1).clamp(min=1e-12)
    return (torch.square(users @ mean) + variance - variance.log() - 1).mean() / 2
