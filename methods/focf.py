"""Equal scores for all groups, by a penalty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from harness.balance.group_weighted import Rows, RowWeighted
from harness.base.late import functional, torch
from harness.models.recommender import RecommenderConfig
from harness.plugins import SearchRange


class FocfConfig(RecommenderConfig):
    """The penalty's weight."""

    c: float = Field(10.0, ge=0, description="c: weight of the penalty; 0 is alpharec")


class Focf(RowWeighted):
    """mean_b ℓ_b + c · mean_k smoothL1(|s_k − s̄|): the non-parity of Yao & Huang 2017 (section 3), on the item side.

    The paper compares the mean predicted score of a disadvantaged group of users with that of the others and smooths
    the absolute value. For K overlapping groups, our reading: s_k = Σ_b C_bk s_b / Σ_b C_bk over the scores s_b of the
    items taken, s̄ their mean over the batch, and the mean over the groups that are in the batch.
    """

    name = "focf"
    summary = "a penalty on differences between groups' mean scores (non-parity)"
    reference = "Yao & Huang, Beyond Parity: Fairness Objectives for Collaborative Filtering, NeurIPS 2017"
    Config = FocfConfig
    config: FocfConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "c": SearchRange(0.1, 1000, log=True),
        **RowWeighted.search_space,
    }

    def penalty(self, rows: Rows) -> torch.Tensor:
        users = rows.factors.users.index_select(0, rows.batch.users)
        items = rows.factors.items.index_select(0, rows.batch.items)
        return self.config.c * non_parity((users * items).sum(dim=1), rows.shares)


def non_parity(s: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
    """mean_k smoothL1(|s_k − s̄|), a scalar, for scores s (B,) and membership C (B, K)."""
    n = C.sum(dim=0)
    present = n > 0
    s_k = (s @ C)[present] / n[present]
    return functional.smooth_l1_loss(s_k, s.mean().expand_as(s_k))
