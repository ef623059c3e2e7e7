"""Expected exposure: how far a list is from giving all relevant items the same, and all others the same.

Diaz et al., CIKM 2020. A user looks at rank r with probability γ^(r−1) (rank-biased precision's browsing model; γ = 0.5
is the patience of the authors' evaluator): that is the exposure ε of the item there, and nothing of what is not listed.
The ideal ranks all targets before all others, in an order that is drawn anew each time: of n items that can be listed
each of m targets has ε* = (1 − γ^m) / (m (1 − γ)), each other one (γ^m − γ^n) / ((n − m) (1 − γ)).
"""

import numpy as np

from harness.domain.top_k import TopK, Values

GAMMA = 0.5


def disparity(top: TopK) -> Values:
    """‖ε‖² of each user, shape (u,)."""
    return np.asarray((top.items >= 0) @ attention(top.k) ** 2)


def relevance(top: TopK) -> Values:
    """2 ε·ε* of each user, shape (u,)."""
    target, other = ideal(top)
    listed, hits = ((top.items >= 0) @ attention(top.k), top.hits @ attention(top.k))
    return np.asarray(2 * (other * listed + (target - other) * hits))


def of_the_ideal(top: TopK) -> Values:
    """‖ε*‖² of each user, shape (u,)."""
    target, other = ideal(top)
    return np.asarray(top.n_relevant * target**2 + (top.choices - top.n_relevant) * other**2)


def attention(k: int) -> Values:
    """γ^(r − 1) for ranks r = 1 … k, shape (k,)."""
    return GAMMA ** np.arange(k, dtype=np.float64)


def ideal(top: TopK) -> tuple[Values, Values]:
    """ε* of a target and of another item, by user, each shape (u,)."""
    relevant, others = top.n_relevant, top.choices - top.n_relevant
    first = 1 - GAMMA**relevant
    rest = GAMMA**relevant - GAMMA**top.choices
    return first / (relevant * (1 - GAMMA)), rest / (np.maximum(others, 1) * (1 - GAMMA))
