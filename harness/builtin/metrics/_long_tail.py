"""The long tail: items outside the short head, the most popular ones that have 80 % of all training interactions.

Abdollahpouri, Burke and Mobasher, FLAIRS 2019: "short head items correspond to 80 % of the ratings". They are those
with at least as many interactions as the last that is needed for that share, so items that are equally popular are
together.
"""

import numpy as np
import numpy.typing as npt

from harness.builtin.disparities.cv import CV
from harness.domain.top_k import Judged, TopK, Values

_NUMERATOR, _DENOMINATOR = 4, 5
"""The short head's share of training interactions, as whole numbers: 0.8 times a count is not exact."""


def long_tail(judged: Judged) -> npt.NDArray[np.bool_] | None:
    """Which items belong to it, shape (n_items,); None where no training interactions are known."""
    counts = judged.popularity
    if counts is None or not counts.any():
        return None
    ordered = np.sort(counts)[::-1]
    shares = _DENOMINATOR * np.cumsum(ordered)
    return np.asarray(counts < ordered[np.searchsorted(shares, _NUMERATOR * counts.sum())])


def listed_of_tail(top: TopK) -> Values:
    """Items of the long tail in each user's list, shape (u,); NaN where it is not known."""
    marks = top.judged.once(_marks)
    return np.full(len(top.users), np.nan) if marks is None else marks[:, : top.k] @ np.ones(top.k)


def _marks(judged: Judged) -> Values | None:
    """1 where an item of the long tail is listed, shape (u, K)."""
    tail = judged.once(long_tail)
    return None if tail is None else np.append(tail, False).astype(np.float64)[judged.ranking.items]  # -1: the last


def deviation_of_rates(top: TopK, successes: Values, trials: Values) -> float:
    """std / mean of Σ successes / Σ trials of short head and long tail; NaN where the tail is not known or both are 0.

    Args:
        successes, trials: of each item, shape (n_items,); one of the two without trials is left out
    """
    tail = top.judged.once(long_tail)
    if tail is None:
        return float("nan")
    halves = np.stack([~tail, tail]).astype(np.float64)
    won, tried = halves @ successes, halves @ trials
    present = tried > 0
    return CV.of(won[present] / tried[present])
