"""Min-regularizer: an item loses by how far its groups are ahead of the one that has been shown least."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.base.late import torch
from harness.plugins import RerankConfig, Reranker


class MinRegularizerConfig(RerankConfig):
    """How much fairness weighs against scores."""

    lam: float = Field(0.1, ge=0, description="λ, in units of the method's scores; 0 changes no list")


class MinRegularizer(Reranker):
    """score(u, i) + λ Σ_k C_ik (min_l B_l − B_k)/n,  B_k the exposure that n earlier users' lists gave group k.

    A rival of P-MMF in its paper's experiments, by its authors' later code: there n is the number of all users, which
    a pass over them does not know beforehand; here it is that of the users so far, so that the weight of the gap does
    not grow along the pass. Groups without items take no part.
    """

    name = "min_regularizer"
    summary = "subtracts from scores what an item's groups are ahead of the least shown one"
    reference = "a baseline of Xu et al., P-MMF, WWW 2023, arXiv 2303.06660; formula: FairDiverse, arXiv 2502.11883"
    Config: ClassVar[type[RerankConfig]] = MinRegularizerConfig
    config: MinRegularizerConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.member = C.sum(dim=0) > 0
        self.B = torch.zeros(C.shape[1], dtype=C.dtype, device=C.device)
        self.users = 0

    def bonus(self) -> torch.Tensor:
        least = self.B.masked_fill(~self.member, torch.inf).min()
        behind = torch.where(self.member, least - self.B, 0.0) / max(self.users, 1)
        return self.config.lam * (self.C @ behind)

    def observe(self, exposures: torch.Tensor) -> None:
        self.B += exposures.sum(dim=0)
        self.users += len(exposures)
