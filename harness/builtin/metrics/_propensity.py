"""Inverse propensities: what is popular is seen, and so interacted with, more often than it is liked.

Yang et al., RecSys 2018: an item that n training interactions are known of is observed with a probability in
proportion to n^((γ + 1)/2), after self-normalised estimation (SNIPS, Swaminathan and Joachims, NeurIPS 2015) up to any
factor. γ is the exponent of a recommender's preference for what is popular; the authors measured 1.55 to 3.07 on three
data sets. Like them we leave out targets without training interactions, and users without any other target.
"""

import numpy as np

from harness.domain.top_k import Judged, TopK, Values

GAMMA = 2.0
"""Our choice, in the middle of what the authors measured."""


def weights(judged: Judged) -> Values | None:
    """Inverse propensities of items, shape (n_items,), 0 without training interactions; None where none are known."""
    counts = judged.popularity
    if counts is None:
        return None
    powers = np.power(np.maximum(counts, 1).astype(np.float64), -(GAMMA + 1) / 2)
    return np.where(counts > 0, powers, 0.0)


def wanted(judged: Judged) -> Values:
    """The weights of all that each ranked user wants, shape (u,)."""
    weight, target = judged.once(weights), judged.target
    assert weight is not None
    return np.bincount(target.users, weight[target.items], target.n_users).astype(np.float64)[judged.ranking.users]


def self_normalised(top: TopK, gains: Values) -> float:
    """Mean over users of their inversely weighted gains over the weights of all that they want.

    Args:
        gains: what a hit at each rank counts, shape (k,)

    Returns:
        NaN where no training interactions are known, or none of any target.
    """
    weight = top.judged.once(weights)
    if weight is None:
        return float("nan")
    total, gained = top.judged.once(wanted), top.judged.hits.by_list(top.k, gains, weight)
    counted = total > 0
    return float(np.mean(gained[counted] / total[counted])) if counted.any() else float("nan")
