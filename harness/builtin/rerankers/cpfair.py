"""CPFair: groups that have been shown little so far gain, user after user."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.base.late import torch
from harness.plugins import RerankConfig, Reranker


class CPFairConfig(RerankConfig):
    """How much fairness weighs against scores."""

    lam: float = Field(0.1, ge=0, description="λ, in units of the method's scores; 0 changes no list")


class CPFair(Reranker):
    """score(u, i) + λ Σ_k C_ik (1 − B_k/ΣB),  B_k the exposure that earlier users' lists gave group k.

    The producers' side of Naghiaei et al. as the toolkit FairDiverse extends it to many groups: the paper has two
    groups of producers (and of consumers) and adds to an item's score by its group. Before anything has been shown all
    groups' shares B_k/ΣB are 0.
    """

    name = "cpfair"
    summary = "adds to scores what an item's groups lack in exposure so far"
    reference = "Naghiaei, Rahmani and Deldjoo, CPFair, SIGIR 2022, arXiv 2204.08085"
    Config: ClassVar[type[RerankConfig]] = CPFairConfig
    config: CPFairConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.B = torch.zeros(C.shape[1], dtype=C.dtype, device=C.device)

    def bonus(self) -> torch.Tensor:
        shares = self.B / self.B.sum().clamp(min=1)
        return self.config.lam * (self.C @ (1 - shares))

    def observe(self, exposures: torch.Tensor) -> None:
        self.B += exposures.sum(dim=0)
