"""Recommend what most people took: the floor that every learnt method must clear."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.base.late import sparse, torch
from harness.plugins import EpochReport, Method, Problem


class MostPopular(Method):
    """score(u, i) = training interactions of i, for every user."""

    name = "most_popular"
    summary = "items by training interactions, the same for everybody"
    reference = "folklore"
    needs_text = False
    iterative = False
    changes = ()

    def prepare(self, problem: Problem) -> None:
        training = problem.training
        counts = np.bincount(training.items, minlength=training.n_items)
        self.counts = torch.as_tensor(counts, dtype=torch.float32, device=problem.device)

    def train_epoch(self) -> EpochReport:
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.counts.expand(len(users), -1)

    def score_histories(self, histories: sparse.csr_array) -> torch.Tensor:
        return self.counts.expand(histories.shape[0], -1)

    def state(self) -> dict[str, torch.Tensor]:
        return {"counts": self.counts.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.counts = state["counts"].clone()
