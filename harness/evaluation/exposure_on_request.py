"""What groups of items are shown, by measures that are computed on request.

Shares, as in :mod:`harness.evaluation.group_exposure`: an item with three groups gives a third of what it gets to each.
Bias disparity alone counts an item fully in each of its groups, as its source does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse
from harness.builtin.metrics._expected_exposure import attention, ideal
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.domain.top_k import Judged, TopK, Values, discounts


@dataclass(frozen=True, eq=False)
class Requested:
    """The measures that are asked for of some lists, at whichever cut-off; what cut-offs and groupings share is kept.

    Attributes:
        names: of :data:`harness.domain.exposure_names.EXPOSURE_DISPARITIES`, those on request
        judged: the lists
    """

    names: Sequence[str]
    judged: Judged

    def of(self, top: TopK, items: Membership, counted: npt.NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Their values, NaN where undefined.

        Args:
            top: the first places of the lists
            items: groups of items
            counted: the groups that count, shape (K,); None: all
        """
        chosen = np.ones(len(items.names), dtype=bool) if counted is None else counted
        found = {}
        if "awrf" in self.names:
            found["awrf"] = _awrf(top, items, chosen)
        if "bias_disparity" in self.names:
            found["bias_disparity"] = self._bias_disparity(top, items, chosen)
        if {"ee_l", "ee_d", "ee_r"} & set(self.names):
            given = top.judged.listed.count(top.k, top.n_items, attention(top.k))
            gets, deserves = (items.shares.T @ np.column_stack([given, self._deserved]) / len(top.users))[chosen].T
            found["ee_l"] = float((gets - deserves) @ (gets - deserves))
            found["ee_d"] = float(gets @ gets)
            found["ee_r"] = float(2 * gets @ deserves)
        return {name: found[name] for name in self.names}

    def _bias_disparity(self, top: TopK, items: Membership, chosen: npt.NDArray[np.bool_]) -> float:
        """Mean of |bias disparity| over groups with training interactions of ranked users; the mean is our reading.

        The factor |g| / n_items of both biases cancels.
        """
        if not self._known.any() or not top.exposure.any():
            return float("nan")
        shares = np.column_stack([top.exposure / top.exposure.sum(), self._known / self._known.sum()])
        listed, source = (items.matrix.T.astype(np.float64) @ shares)[chosen].T
        present = source > 0
        return float(np.mean(np.abs(listed[present] / source[present] - 1))) if present.any() else float("nan")

    @cached_property
    def _known(self) -> Values:
        """Training interactions of ranked users by item, shape (n_items,)."""
        ranked = np.zeros(self.judged.target.n_users, dtype=bool)
        ranked[self.judged.ranking.users] = True
        known = np.zeros(self.judged.target.n_items)
        for part in self.judged.masked:
            if isinstance(part, Training):
                known += np.bincount(part.items[ranked[part.users]], minlength=part.n_items)
        return known

    @cached_property
    def _deserved(self) -> Values:
        """What the ideal of expected exposure gives to each item, summed over ranked users, shape (n_items,)."""
        wanted, users = self.judged.target, self.judged.ranking.users
        target, other = ideal(self.judged.at(1))
        extra, base = np.zeros(wanted.n_users), np.zeros(wanted.n_users)
        extra[users], base[users] = target - other, other
        deserved = other.sum() + np.bincount(wanted.items, extra[wanted.users], minlength=wanted.n_items)
        for part in self.judged.masked:
            deserved -= np.bincount(part.items, base[part.users], minlength=part.n_items)
        return np.asarray(deserved)


def _awrf(top: TopK, items: Membership, chosen: npt.NDArray[np.bool_]) -> float:
    """Total variation of each list's exposure from the catalogue, mean over lists that show any of the groups.

    Of two groups that is |ε − p̂| of one of them, which Raj and Ekstrand take; for more it is our reading. Shares are of
    what the groups that count have together.
    """
    shares = items.shares[:, chosen]
    catalogue = np.asarray(shares.sum(axis=0)).ravel()
    exposure = sparse.csr_array(_places(top, discounts(top.k)) @ shares)
    totals = np.asarray(exposure.sum(axis=1)).ravel()
    shown = totals > 0
    if not shown.any() or not catalogue.any():
        return float("nan")
    expected = (catalogue / catalogue.sum())[exposure.indices]
    of_list = exposure.data / np.repeat(totals, np.diff(exposure.indptr))
    surplus = np.abs(of_list - expected) - expected  # a group that is not shown has |0 − p|: the 1 below
    return float((surplus.sum() / shown.sum() + 1) / 2)


def _places(top: TopK, weights: Values) -> sparse.csr_array:
    """What each user's list gives to each item, shape (u, n_items), from what each rank gives, shape (k,)."""
    listed = top.items >= 0
    starts = np.concatenate([[0], np.cumsum(listed.sum(axis=1))])
    given = np.broadcast_to(weights, listed.shape)[listed]
    return sparse.csr_array((given, top.items[listed], starts), shape=(len(top.users), top.n_items))
