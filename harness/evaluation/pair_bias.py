"""Bias disparity of each group of users towards each group of items, as its source defines it.

Tsintzou, Pitoura and Tsaparas, RMSE workshop 2019: the preference ratio PR(G, C) is the share of the items of G's users
that belongs to C, the bias B(G, C) = PR(G, C) / P(C) with P(C) = |C| / n_items, and the bias disparity of lists R with
regard to training interactions S is BD(G, C) = (B_R − B_S) / B_S. P(C) cancels: BD = PR_R / PR_S − 1.

An item counts fully in each of its groups, and so does a user. Of ranked users; a mean of |BD| over pairs is our
reading. A pair has no BD where its users have no training interaction with its items, or are shown nothing.
"""

from collections.abc import Sequence

import numpy as np

from harness.base.late import sparse
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.domain.top_k import TopK, Values


def bias_disparities(cuts: Sequence[TopK], items: Membership, users: Membership) -> list[Values]:
    """BD of every pair at each cut-off, NaN where undefined, shape (K_users, K_items).

    Args:
        cuts: lists at their cut-offs
        items, users: the groups
    """
    judged = cuts[0].judged
    ranked = users.matrix[judged.ranking.users].toarray().astype(np.float64)
    known = sparse.csr_array((len(ranked), cuts[0].n_items))
    for part in judged.masked:
        if isinstance(part, Training):
            known = known + part.matrix()[judged.ranking.users]
    source = _preference_ratios(known, items, ranked)
    return [_divided(_preference_ratios(_shown(top), items, ranked), source) - 1 for top in cuts]


def _shown(top: TopK) -> sparse.csr_array:
    """1 where an item is in a user's list, shape (u, n_items)."""
    places = top.items[top.items >= 0]
    starts = np.concatenate([[0], np.cumsum(top.lengths)])
    return sparse.csr_array((np.ones(len(places)), places, starts), shape=(len(top.items), top.n_items))


def _preference_ratios(taken: sparse.csr_array, items: Membership, ranked: Values) -> Values:
    """PR of every pair, shape (K_users, K_items).

    Args:
        taken: 1 where a ranked user has an item, shape (u, n_items)
        items: their groups
        ranked: 1 where a ranked user is in a group, shape (u, K_users)
    """
    by_item = taken.T @ ranked
    return _divided(items.totals(by_item).T, by_item.sum(axis=0)[:, None])


def _divided(values: Values, by: Values) -> Values:
    """NaN where ``by`` is 0."""
    by = np.broadcast_to(by, values.shape)
    return np.divide(values, by, out=np.full(values.shape, np.nan), where=by > 0)
