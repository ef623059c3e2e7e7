"""Static weights of rows by the frequency of their groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.balance.group_weighted import Rows, RowWeighted
from harness.base.late import torch
from harness.models.recommender import RecommenderConfig
from harness.plugins import Problem, SearchRange


class ReweightConfig(RecommenderConfig):
    """Which frequency."""

    variant: Literal["inverse", "share"] = Field(
        "inverse", description="1 / interactions of the group, or IFairLRS's history share / target share"
    )


class Reweight(RowWeighted):
    """ω_b ∝ Σ_k C_bk W_k, the mean over the groups of the row of a weight that is fixed before training.

    ``inverse``: W_k = 1 / Σ_D C_k, with which every group has the same total weight where groups do not overlap (the
    reweighting baseline of Sagawa et al. 2020, section 3).
    ``share``: W_k = (share of k in the histories) / (share of k among the targets), Jiang et al. 2024. Every
    interaction of a user is the target of one row and in the history of the user's other rows (our reading for data
    without order), and an item counts fully in each of its groups, as in the authors' code.

    The authors' code averages the losses of a batch before it weights them, which only rescales the batch; here each
    row has its weight.
    """

    name = "reweight"
    summary = "static row weights: inverse group frequency, or IFairLRS's history share over target share"
    reference = "Jiang et al., Item-side Fairness of LLM-based Recommendation System, WWW 2024, arXiv 2402.15215"
    Config = ReweightConfig
    config: ReweightConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "variant": SearchRange(choices=("inverse", "share")),
        **RowWeighted.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        if self.config.variant == "inverse":
            W = 1 / self.groups.data_shares.clamp(min=1e-12)
        else:
            W = torch.as_tensor(history_over_target(problem), device=self.device)
        self.W = torch.where(self.groups.data_shares > 0, W, 0.0).to(self.dtype)

    def row_weights(self, rows: Rows) -> torch.Tensor:
        return rows.shares @ self.W


def history_over_target(problem: Problem) -> np.ndarray:
    """Each group's share of the histories over its share of the targets, shape (K,); 1 for groups without targets."""
    training, membership = problem.training, problem.membership
    marks = membership.marks(training.users, training.items)
    others = np.bincount(training.users, minlength=training.n_users)[training.users] - 1
    history, target = marks.T @ others.astype(np.float64), marks.T @ np.ones(len(training))
    history, target = history / max(history.sum(), 1), target / target.sum()
    return np.divide(history, target, out=np.ones_like(target), where=target > 0)
