"""Welf: lists of the largest welfare of users and groups, each side weighing those most who get least."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.balance.welfare import Welfare, maximise
from harness.base.late import torch
from harness.plugins import ListReranker, RerankConfig


class WelfConfig(RerankConfig):
    """How much groups weigh against users, and how much the worst off of each."""

    lam: float = Field(0.5, ge=0, lt=1, description="λ, weight of groups against users; 0 changes no list")
    alpha_users: float = Field(
        0.0, ge=-5, le=1, description="α₁, curvature of users' welfare: 1 is their mean, less weighs the worst off more"
    )
    alpha_groups: float = Field(0.0, ge=-5, le=1, description="α₂, curvature of groups' welfare, likewise")
    iterations: int = Field(30, ge=1, le=1000, description="of Frank–Wolfe; each sorts everybody's scores once")


class Welf(ListReranker):
    """max (1 − λ) mean_u ψ(r_u; α₁) + λ mean_g ψ(e_g; α₂),  ψ(x; α) = x^α, log x for α = 0, −x^α below, by Frank–Wolfe.

    The additive welfare of Do et al. 2021. There e is the exposure of single items and both sides are sums; here it is
    that of groups against an equal share of all places (grouping single items gives theirs back) and both sides are
    means, so that λ means the same whatever their numbers. A place counts 1 wherever it is, as exposure does elsewhere
    here; relevance is a user's scores between the smallest and the largest. The paper's lists are drawn by lot for each
    request; here everybody is given one of the lottery's lists, as many users as it weighs.
    """

    name = "welf"
    summary = "largest welfare of users and groups, the worst off of both weighing most"
    reference = "Do et al., Two-sided Fairness in Rankings via Lorenz Dominance, NeurIPS 2021, arXiv 2110.15781"
    side = "both"
    Config: ClassVar[type[RerankConfig]] = WelfConfig
    config: WelfConfig
    everybody = True

    def lists(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        own = self.config
        welfare = Welfare(own.lam, own.alpha_users, own.alpha_groups, self.C.sum(dim=0) > 0)
        return maximise(scores, self.C, k, welfare, own.iterations).lists
