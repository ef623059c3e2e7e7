"""Bins of items or users from those with the most training interactions to those with the fewest."""

import numpy as np

from harness.base.errors import BadInput
from harness.domain.interactions import Indices
from harness.domain.membership import Membership, Side


def binned(grouping: str, side: Side, counts: Indices, bins: int, *, by_mass: bool) -> Membership:
    """Bins named ``popularity 1 most`` … ``popularity 5 least``; no bin is empty.

    Members with equal counts are ordered by index, which is by hash.

    Args:
        counts: training interactions of each item (user), shape (n,)
        bins: how many there are
        by_mass: bins hold about equal numbers of interactions, not of members: beginning with the largest count, each
            bin ends where it is nearest to an equal share of what is left for it and the bins after it

    Raises:
        BadInput: where there are fewer members than bins.
    """
    n = len(counts)
    if n < bins:
        raise BadInput(f"grouping '{grouping}': {bins} bins for {n} {side}s: use fewer bins")
    order = np.argsort(-counts, kind="stable")
    edges = _edges(counts[order] if by_mass else np.ones_like(counts), bins)
    codes = np.searchsorted(edges, np.arange(n), side="right") - 1
    ends = {1: " most", bins: " least"}
    names = [f"{grouping} {k}{ends.get(k, '')}" for k in range(1, bins + 1)]
    return Membership.from_pairs(grouping, side, names, order, codes, n)


def _edges(weights: Indices, bins: int) -> list[int]:
    """Where each bin begins, from the weights in order."""
    mass = np.concatenate([[0], np.cumsum(weights)])  # of the first n members, for n from 0
    edges = [0]
    for left in range(bins, 1, -1):
        first, last = edges[-1] + 1, len(weights) - left + 1
        error = left * (mass[first : last + 1] - mass[edges[-1]]) - (mass[-1] - mass[edges[-1]])
        edges.append(first + int(np.argmin(np.abs(error))))
    return edges
