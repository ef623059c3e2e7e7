"""Calibrated recommendation: a list shows groups in the proportions in which its user has taken them."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from harness.base.late import torch
from harness.plugins import ListReranker, RerankConfig

TINY = 1e-300


class CalibratedConfig(RerankConfig):
    """How much calibration weighs against scores."""

    lam: float = Field(0.5, ge=0, lt=1, description="λ, weight of calibration against scores; 0 changes no list")
    smoothing: float = Field(0.01, gt=0, lt=1, description="α, share of the user's own distribution in the list's")


class Calibrated(ListReranker):
    """Greedy maximiser of  (1 − λ) Σ_{i∈I} score(u, i) − λ KL(p‖q̃),  item after item (Steck 2018, equations 2 to 6).

        p(g) = the mean of C_ig over the user's items,  q(g) = over the list so far,  q̃ = (1 − α) q + α p

    Items of equal gain go by index. The user's items are those that are masked (what the user took in training, at test
    also in validation), each with the same weight; somebody without any has nothing to be calibrated to. The gain is
    looked at for every item, not for the best scored ones alone: KL depends on an item's groups only, so that it is
    computed once for each set of groups that occurs.
    """

    name = "calibrated"
    summary = "lists show groups in the proportions of the user's own history"
    reference = "Steck, Calibrated Recommendations, RecSys 2018"
    Config: ClassVar[type[RerankConfig]] = CalibratedConfig
    config: CalibratedConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.kinds, self.kind_of = C.unique(dim=0, return_inverse=True)

    def lists(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        had = scores == -torch.inf
        history = had.to(self.C.dtype)
        p = history @ self.C / history.sum(dim=1, keepdim=True).clamp(min=1)
        worth = ((1 - self.config.lam) * scores.masked_fill(had, 0).to(self.C.dtype)).masked_fill_(had, -torch.inf)
        shown, rows, made = torch.zeros_like(p), torch.arange(len(p), device=p.device), []
        for place in range(1, k + 1):
            total = worth + self.config.lam * self._likeness(p, shown, place)[:, self.kind_of]
            items = total.argmax(dim=1)  # of equal ones the first
            ended = total[rows, items] == -torch.inf
            shown += self.C[items]
            worth[rows, items] = -torch.inf
            made.append(items.masked_fill(ended, -1))
        return torch.stack(made, dim=1)

    def _likeness(self, p: torch.Tensor, shown: torch.Tensor, place: int) -> torch.Tensor:
        """Σ_g p log q̃, −KL(p‖q̃) but for what is constant, once an item of each kind stands here, shape (b, kinds)."""
        alpha, likeness = self.config.smoothing, p.new_zeros(len(p), len(self.kinds))
        for own, so_far, adds in zip(p.T[..., None], shown.T[..., None], self.kinds.T, strict=True):
            q = (1 - alpha) / place * (so_far + adds) + alpha * own
            likeness += own * q.clamp(min=TINY).log()  # q > 0 wherever p is
        return likeness
