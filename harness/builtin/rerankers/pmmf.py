"""P-MMF: max-min fair exposure through dual variables that are learnt while lists are made."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.dual import project
from harness.base.late import torch
from harness.plugins import RerankConfig, Reranker


class PMMFConfig(RerankConfig):
    """What is fair, how much it weighs, and how fast the dual variables follow."""

    lam: float = Field(0.1, ge=0, description="λ, weight of the worst group's exposure; 0 changes no list")
    target: Literal["uniform", "catalogue"] = Field(
        "uniform", description="exposure is compared as it is, or divided by the group's share of the catalogue"
    )
    rate: float = Field(1e-2, gt=0, description="of the dual variables' mirror descent")
    momentum: float = Field(0.2, gt=0, le=1, description="share of the newest gradient in its moving average")
    batch_users: int = Field(
        1, ge=1, le=512, description="users who share one μ: their lists are made at once, in blocks of 512 users"
    )


class PMMF(Reranker):
    """score(u, i) − Σ_k C_ik μ_k, the dual of  max Σ_u score + λ min_k e_k/γ_k,  e the mean exposure.

    After each batch of lists with mean exposure ē (a distribution over groups):

        g ← α (γ − ē) + (1 − α) g,    μ ← Π(μ − rate · g/γ²)

    with Π the projection onto {μ : Σ over every ascending prefix of γμ ≥ −λ} in ‖γ(·)‖ (Xu et al. 2023, Algorithm 1).

    Our reading: γ_k ≥ 1 (1, or the group's share of the catalogue over the smallest one's), so that no list can exceed
    a group's capacity, every gradient is at least 0, and λ = 0 leaves μ = 0 and the lists as they were. In the paper γ
    sums to 1 + 1/K and is a hard limit besides, which changes lists at λ = 0 too; scores there are squashed to [0, 1].
    """

    name = "pmmf"
    summary = "max-min fair exposure: subtracts dual prices of the groups from scores"
    reference = (
        "Xu et al., P-MMF: Provider Max-min Fairness Re-ranking in Recommender System, WWW 2023, arXiv 2303.06660"
    )
    Config: ClassVar[type[RerankConfig]] = PMMFConfig
    config: PMMFConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.batch = self.config.batch_users
        sizes = C.sum(dim=0)
        self.member = sizes > 0
        self.gamma = torch.ones_like(sizes)
        if self.config.target == "catalogue":
            self.gamma[self.member] = sizes[self.member] / sizes[self.member].min()
        self.mu = torch.zeros_like(sizes)
        self.g = torch.zeros_like(sizes)

    def bonus(self) -> torch.Tensor:
        return -(self.C @ self.mu)

    def observe(self, exposures: torch.Tensor) -> None:
        given = exposures.sum(dim=0)
        now = self.gamma - given / given.sum().clamp(min=1)
        self.g = self.config.momentum * now + (1 - self.config.momentum) * self.g
        step = torch.where(self.member, self.config.rate * self.g / self.gamma**2, 0.0)
        self.mu = project(self.mu - step, self.gamma, self.config.lam)
