"""Expected exposure: how far a list is from giving all relevant items the same, and all others the same.

Diaz et al., CIKM 2020. A user looks at rank r with probability γ^(r−1) (rank-biased precision's browsing model; γ = 0.5
is the patience of the authors' evaluator): that is the exposure ε of the item there, and nothing of what is not listed.
The ideal ranks all targets before all others, in an order that is drawn anew each time: of n items that can be listed
each of m targets has ε* = (1 − γ^m) / (m (1 − γ)), each other one (γ^m − γ^n) / ((n − m) (1 − γ)).
"""

import numpy as np

from harness.domain.top_k import Judged, TopK, Values

GAMMA = 0.5


def disparity(top: TopK) -> Values:
    """‖ε‖² of each user, shape (u,)."""
    return _first_ranks(attention(top.k) ** 2)[top.lengths]


def relevance(top: TopK) -> Values:
    """2 ε·ε* of each user, shape (u,)."""
    target, other = top.judged.once(ideal)
    listed, hits = _first_ranks(attention(top.k))[top.lengths], top.judged.hits.by_list(top.k, attention(top.k))
    return 2 * (other * listed + (target - other) * hits)


def of_the_ideal(judged: Judged) -> Values:
    """‖ε*‖² of each user, shape (u,)."""
    target, other = judged.once(ideal)
    relevant = judged.ranking.n_relevant
    return np.asarray(relevant * target**2 + (judged.ranked_choices - relevant) * other**2)


def attention(k: int) -> Values:
    """γ^(r − 1) for ranks r = 1 … k, shape (k,)."""
    return GAMMA ** np.arange(k, dtype=np.float64)


def ideal(judged: Judged) -> tuple[Values, Values]:
    """ε* of a target and of another item, by user, each shape (u,)."""
    relevant, choices = judged.ranking.n_relevant, judged.ranked_choices
    powers = attention(judged.target.n_items + 1)
    target = (1 - powers[relevant]) / (relevant * (1 - GAMMA))
    return target, (powers[relevant] - powers[choices]) / (np.maximum(choices - relevant, 1) * (1 - GAMMA))


def _first_ranks(weights: Values) -> Values:
    """What a list of 0, 1, … k items has, from what each rank has, shape (k + 1,)."""
    return np.concatenate([[0.0], np.cumsum(weights)])
