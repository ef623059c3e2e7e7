"""AlphaRec: train the projector on frozen language representations. The reference for accuracy and fairness gaps."""

from collections.abc import Mapping
from typing import ClassVar

import torch

from harness.balance.group_gradients import group_losses
from harness.models.losses import info_nce
from harness.models.recommender import EpochMeans, Recommender
from harness.protocols import EpochReport, SearchRange


class AlphaRec(Recommender):
    """min_θ mean_b ℓ_b with Z frozen at Z₀ (Sheng et al., ICLR 2025)."""

    name = "alpharec"
    summary = "empirical risk on frozen language representations: the reference"
    reference = "Sheng et al., Language Representations Can be What Recommenders Need, ICLR 2025, arXiv 2407.05441"
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(5e-4, 1e-2, log=True),
        "temperature": SearchRange(0.08, 0.3, log=True),
    }

    def train_epoch(self) -> EpochReport:
        means = EpochMeans(self.groups.names)
        for batch in self.batches:
            self.theta.requires_grad_(True)
            losses = info_nce(self.backbone.factors(self.Z, self.theta), batch, self.config.temperature)
            (self.theta.grad,) = torch.autograd.grad(losses.mean(), self.theta)
            self.theta.requires_grad_(False)
            self.optimizer.step()
            grouped = group_losses(losses.detach(), self.groups.of(batch))
            means.add(grouped.losses, grouped.mass, grouped.mass / len(batch.users))
        self._changed()
        return means.report()
