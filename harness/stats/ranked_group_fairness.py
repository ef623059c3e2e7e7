"""How many protected items each beginning of a fair list has at least (Zehlike et al., FA*IR, CIKM 2017).

Places are drawn one after the other, each protected with probability p. A list fails where one of its beginnings has so
few protected items that a draw of its length has that few with a probability of α or less: the table's entry m_i is the
α-quantile of the binomial distribution of i draws. A list of k places is tested k times, so that a fair one fails with
a probability other than α; the corrected table is of the α_c ≤ α for which it is nearest to α.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


def fewest_protected(k: int, p: float, alpha: float) -> Counts:
    """m_1, …, m_k without the correction: the smallest m with F(m; i, p) ≥ α; shape (k,)."""
    return _table(_distributions(k, p), alpha)


def corrected_fewest_protected(k: int, p: float, alpha: float) -> Counts:
    """m_1, …, m_k of the α_c ≤ α under which a fair list fails with the probability that is nearest to α, shape (k,).

    The table changes only where α_c passes a value of a distribution function, and the probability of failing never
    falls as α_c grows: all tables are searched by halving, where the authors halve the interval of α_c. Of two that
    are equally near the one of the larger α_c is taken.
    """
    distributions = _distributions(k, p)
    levels = np.unique(np.append(distributions[distributions < alpha], alpha))
    low, high = 0, len(levels) - 1  # the first level at which a fair list fails with at least α, if there is one
    while low < high:
        middle = (low + high) // 2
        if failing(_table(distributions, levels[middle]), p) < alpha:
            low = middle + 1
        else:
            high = middle
    tables = [_table(distributions, levels[level]) for level in (low, max(low - 1, 0))]
    return min(tables, key=lambda table: abs(failing(table, p) - alpha))


def failing(table: Counts, p: float) -> float:
    """The probability that a list whose places are protected with probability p has too few at some place.

    Args:
        table: m_1, …, m_k
        p: between 0 and 1
    """
    alive = np.zeros(len(table) + 1)  # by the number of protected items so far
    alive[0] = 1
    for fewest in table:
        alive[1:] = (1 - p) * alive[1:] + p * alive[:-1]
        alive[0] *= 1 - p
        alive[:fewest] = 0
    return float(max(1 - alive.sum(), 0))


def _table(distributions: npt.NDArray[np.float64], alpha: float) -> Counts:
    return np.asarray((distributions < alpha).sum(axis=1), dtype=np.int64)


def _distributions(k: int, p: float) -> npt.NDArray[np.float64]:
    """F(m; i, p), i from 1 to k and m from 0 to k, shape (k, k + 1)."""
    mass = np.zeros((k + 1, k + 1))
    mass[0, 0] = 1
    for i in range(k):
        mass[i + 1] = (1 - p) * mass[i]
        mass[i + 1, 1:] += p * mass[i, :-1]
    return mass[1:].cumsum(axis=1)
