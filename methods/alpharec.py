"""AlphaRec: train the projector on frozen language representations. The reference for accuracy and fairness gaps."""

from __future__ import annotations

from typing import ClassVar

from harness.base.late import torch
from harness.models.batches import Batch
from harness.models.erm import erm_epoch
from harness.models.losses import info_nce_of, scores
from harness.models.recommender import Recommender
from harness.plugins import EpochReport


class AlphaRec(Recommender):
    """min_θ mean_b ℓ_b with Z frozen at Z₀ (Sheng et al., ICLR 2025)."""

    name = "alpharec"
    summary = "empirical risk on frozen language representations: the reference"
    reference = "Sheng et al., Language Representations Can be What Recommenders Need, ICLR 2025, arXiv 2407.05441"
    changes: ClassVar[tuple[str, ...]] = ()

    def train_epoch(self) -> EpochReport:
        report = erm_epoch(self.batches, self.groups, self._objective, self._learnt(), self.optimizer)
        self._changed()
        return report

    def _learnt(self) -> list[torch.Tensor]:
        return [self.theta]

    def _objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        view = self.views.of(batch)
        losses = self._losses(scores(view.factors(view.inputs, self.theta), view.batch), batch)
        return losses, losses.mean()

    def _losses(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        """ℓ, shape (B,), of the cosines (B, 1 + N) of the items taken and of the negatives."""
        return info_nce_of(scores, self.config.temperature)
