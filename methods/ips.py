"""Inverse propensity scores of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.group_weighted import Rows, RowWeighted
from harness.base.late import torch
from harness.models.recommender import RecommenderConfig
from harness.plugins import Problem, SearchRange


class IpsConfig(RecommenderConfig):
    """The propensity, and what keeps its inverse bounded."""

    beta: float = Field(0.1, gt=0, description="β: added to the propensity; bounds the variance of its inverse")
    normalise: Literal["groups", "batch"] = Field(
        "groups", description="propensities as shares of the exposure of all groups, or of that of the batch's rows"
    )


class Ips(RowWeighted):
    """ω_b ∝ 1 / (p_b + β), p_b the running exposure of the row's groups, β = 0.1.

    Exposure counts are summed over the batches seen, e_k = Σ C_bk, and shared out, p_b = Σ_k C_bk e_k / Σ_j e_j (the
    IPS baseline of Xu et al., FairDual, ICLR 2025, and of the authors' toolkit FairDiverse). The toolkit divides p by
    its sum over the batch as well (``normalise=batch``): then p is about 1/B, β swamps it from a few hundred rows on,
    and every row has nearly the same weight. So the default, our reading, is the share itself.
    """

    name = "ips"
    summary = "inverse propensity: rows of much exposed groups count less"
    reference = "baseline of Xu et al., Bridging Jensen Gap for Max-Min Group Fairness, ICLR 2025, arXiv 2502.09319"
    Config = IpsConfig
    config: IpsConfig
    changes = ("exposure",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "beta": SearchRange(1e-3, 1, log=True),
        **RowWeighted.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.exposure = torch.zeros(len(self.groups.names), dtype=self.dtype, device=self.device)

    def row_weights(self, rows: Rows) -> torch.Tensor:
        self.exposure = self.exposure + rows.shares.sum(dim=0)
        p = rows.shares @ (self.exposure / self.exposure.sum())
        if self.config.normalise == "batch":
            p = p / p.sum()
        return 1 / (p + self.config.beta)
