"""What groups of items are shown, by measures that are computed on request.

Shares, as in :mod:`harness.evaluation.group_exposure`: an item with three groups gives a third of what it gets to each.
Bias disparity alone counts an item fully in each of its groups, as its source does.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse
from harness.builtin.metrics._expected_exposure import attention, ideal
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.domain.top_k import TopK, Values, discounts

Chosen = npt.NDArray[np.bool_] | slice


def requested(
    names: Sequence[str], top: TopK, items: Membership, counted: npt.NDArray[np.bool_] | None = None
) -> dict[str, float]:
    """Those that ``names`` name, NaN where undefined.

    Args:
        top: the lists
        items: groups of items
        counted: the groups that count, shape (K,); None: all
    """
    chosen = slice(None) if counted is None else counted
    return {name: _MEASURES[name](top, items, chosen) for name in names}


def _awrf(top: TopK, items: Membership, chosen: Chosen) -> float:
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
    target = catalogue / catalogue.sum()
    per_list = sparse.csr_array(sparse.diags_array(1 / totals[shown]) @ exposure[shown])
    expected = target[per_list.indices]
    surplus = np.abs(per_list.data - expected) - expected  # a group that is not shown has |0 − p|: the 1 below
    return float((surplus.sum() / shown.sum() + 1) / 2)


def _loss(top: TopK, items: Membership, chosen: Chosen) -> float:
    given, deserved = _expected_exposures(top, items, chosen)
    return float((given - deserved) @ (given - deserved))


def _disparity(top: TopK, items: Membership, chosen: Chosen) -> float:
    given, _ = _expected_exposures(top, items, chosen)
    return float(given @ given)


def _relevance(top: TopK, items: Membership, chosen: Chosen) -> float:
    given, deserved = _expected_exposures(top, items, chosen)
    return float(2 * given @ deserved)


def _expected_exposures(top: TopK, items: Membership, chosen: Chosen) -> tuple[Values, Values]:
    """What each group gets, and what the ideal gives it, means over ranked users, each shape (K,)."""
    given = _places(top, attention(top.k)).sum(axis=0)
    target, other = ideal(top)
    by_user = np.zeros((2, top.judged.target.n_users))
    by_user[:, top.users] = target - other, other
    deserved = np.full(top.n_items, other.sum())
    deserved += np.bincount(top.judged.target.items, by_user[0][top.judged.target.users], minlength=top.n_items)
    for part in top.judged.masked:
        deserved -= np.bincount(part.items, by_user[1][part.users], minlength=part.n_items)
    of_groups = items.shares.T @ np.column_stack([np.asarray(given).ravel(), deserved]) / len(top.users)
    return of_groups[chosen, 0], of_groups[chosen, 1]


def _bias_disparity(top: TopK, items: Membership, chosen: Chosen) -> float:
    """Mean of |bias disparity| over groups with training interactions of ranked users; the mean is our reading.

    The factor |g| / n_items of both biases cancels.
    """
    ranked = np.zeros(top.judged.target.n_users, dtype=bool)
    ranked[top.users] = True
    parts = [part.items[ranked[part.users]] for part in top.judged.masked if isinstance(part, Training)]
    known = np.bincount(np.concatenate(parts), minlength=top.n_items) if parts else np.zeros(top.n_items)
    if not known.any() or not top.exposure.any():
        return float("nan")
    ratios = items.matrix.T.astype(np.float64) @ np.column_stack(
        [top.exposure / top.exposure.sum(), known / known.sum()]
    )
    listed, source = ratios[chosen].T
    present = source > 0
    return float(np.mean(np.abs(listed[present] / source[present] - 1))) if present.any() else float("nan")


def _places(top: TopK, weights: Values) -> sparse.csr_array:
    """What each user's list gives to each item, shape (u, n_items), from what each rank gives, shape (k,)."""
    users, ranks = np.nonzero(top.items >= 0)
    return sparse.csr_array((weights[ranks], (users, top.items[users, ranks])), shape=(len(top.users), top.n_items))


_MEASURES: Mapping[str, Callable[[TopK, Membership, Chosen], float]] = {
    "awrf": _awrf,
    "ee_l": _loss,
    "ee_d": _disparity,
    "ee_r": _relevance,
    "bias_disparity": _bias_disparity,
}
