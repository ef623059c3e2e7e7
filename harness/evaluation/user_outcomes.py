"""What each user adds to the metrics of a finished run: what resampling users needs, and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse
from harness.builtin.metrics.ndcg import NDCG
from harness.builtin.metrics.recall import Recall
from harness.domain.interactions import Indices
from harness.domain.membership import Membership
from harness.domain.top_k import TopK, Values, discounts
from harness.evaluation.group_utilities import Utility


@dataclass(frozen=True, eq=False)
class UserOutcomes:
    """Sums by user; group utilities are ratios of their totals: u_g = Σᵤ gained / Σᵤ wanted.

    Attributes:
        users: the ranked users, ascending, shape (u,)
        accuracy: NDCG of each, shape (u,)
        gained: what each adds to each group's numerator, shape (u, n_groups)
        wanted: and to its denominator, same shape
    """

    users: Indices
    accuracy: Values
    gained: sparse.csr_array
    wanted: sparse.csr_array

    def of_groups(self, chosen: npt.NDArray[np.bool_]) -> UserOutcomes:
        """The same of some groups alone, marked in an array of shape (n_groups,)."""
        return UserOutcomes(self.users, self.accuracy, self.gained[:, chosen], self.wanted[:, chosen])

    def totals(self, counts: Values) -> tuple[Values, Values]:
        """Mean accuracy and group utilities where user i counts ``counts[:, i]`` times.

        Args:
            counts: one row per resample, shape (b, u), no row without a user

        Returns:
            means, shape (b,), and utilities, shape (b, n_groups), NaN where a group has nothing to find.
        """
        means = counts @ self.accuracy / counts.sum(axis=1)
        wanted = counts @ self.wanted
        utilities = np.full(wanted.shape, np.nan)
        np.divide(counts @ self.gained, wanted, out=utilities, where=wanted > 0)
        return means, utilities


def user_outcomes(top: TopK, membership: Membership, utility: Utility = "recall") -> UserOutcomes:
    """The outcomes whose totals are :func:`harness.evaluation.group_utilities.group_utilities` and the mean of NDCG@k.

    Item groups: hits (discounted for "ndcg") and targets of each user by group of the item. User groups: the user's own
    recall (NDCG) and 1 in each group that the user is in. Two-sided groups: items first, then users.
    """
    sides = [(_by_item if part.side == "item" else _by_user)(top, part, utility) for part in membership.sides]
    gained, wanted = (sparse.csr_array(sparse.hstack(columns, format="csr")) for columns in zip(*sides, strict=True))
    return UserOutcomes(top.users, NDCG.of(top), gained, wanted)


def _by_item(top: TopK, groups: Membership, utility: Utility) -> tuple[sparse.csr_array, sparse.csr_array]:
    rows, ranks = np.nonzero(top.hits)
    gains = discounts(top.k)[ranks] if utility == "ndcg" else np.ones(len(rows))
    shape = (len(top.users), top.n_items)
    hits = sparse.csr_array((gains, (rows, top.items[rows, ranks])), shape=shape)
    targets = top.judged.target.matrix()[top.users].astype(np.float64)
    return sparse.csr_array(hits @ groups.matrix), sparse.csr_array(targets @ groups.matrix)


def _by_user(top: TopK, groups: Membership, utility: Utility) -> tuple[sparse.csr_array, sparse.csr_array]:
    served = (NDCG if utility == "ndcg" else Recall).of(top)
    marks = sparse.csr_array(groups.matrix[top.users].astype(np.float64))
    return sparse.csr_array(marks.multiply(served[:, None])), marks
