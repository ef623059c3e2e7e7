"""Which places of a ranking seeds leave open: methods whose difference is not told from chance may change places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan

from harness.plugins.direction import Direction
from harness.stats.family import holm
from harness.stats.paired import paired_test

ALPHA = 0.05
MIN_PAIRS = 2


@dataclass(frozen=True)
class RankRange:
    """The ranks that a method may have, from 1, the best.

    Attributes:
        best: 1 + the number of methods that are significantly better
        worst: the number of methods that are not significantly worse, itself among them
    """

    best: int
    worst: int


def rank_ranges(values: Sequence[Mapping[int, float]], better: Direction, alpha: float = ALPHA) -> list[RankRange]:
    """The ranks that cannot be excluded, of each of m methods, in the order given.

    All m(m − 1)/2 pairs are compared by two-sided paired t-tests over the seeds that both have, Holm-corrected as one
    family. Method i has a rank from 1 + #{j significantly better than i} to m − #{j significantly worse than i}. Where
    no difference is declared falsely or in the wrong direction every range holds its method's true rank, for all of
    them at once (Al Mohamad, Goeman and van Zwet 2022, Biometrics 78; Mogstad, Romano, Shaikh and Wilhelm 2024, Review
    of Economic Studies 91). A pair with fewer than two shared seeds is never significant and still counts in the
    family: it is declared before results are seen.

    Args:
        values: by seed, one mapping per method
        better: which way is; ``neither`` excludes no rank
        alpha: the bound on the probability of any false difference

    Raises:
        ValueError: for values that are not finite.
    """
    m = len(values)
    pairs = list(combinations(range(m), 2))
    found = [_difference(values[i], values[j]) for i, j in pairs]
    sign = {"higher": 1, "lower": -1, "neither": 0}[better]
    ahead, behind = [0] * m, [0] * m
    for (i, j), (difference, _), p in zip(pairs, found, holm([p for _, p in found]), strict=True):
        if p <= alpha and sign * difference:
            first, second = (j, i) if sign * difference > 0 else (i, j)  # the difference is j's values less i's
            behind[first] += 1
            ahead[second] += 1
    return [RankRange(1 + ahead[i], m - behind[i]) for i in range(m)]


def _difference(first: Mapping[int, float], second: Mapping[int, float]) -> tuple[float, float]:
    """The mean of the second less the first over shared seeds, and its p-value; NaN where there are too few."""
    shared = [seed for seed in first if seed in second]
    if len(shared) < MIN_PAIRS:
        return nan, nan
    test = paired_test([first[seed] for seed in shared], [second[seed] for seed in shared])
    return test.difference.mean, test.p
