"""How much more or less one method reaches than another, as a share of what the other reaches."""

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats.checks import sample, share
from harness.stats.paired import paired_test


@dataclass(frozen=True)
class RelativeChange:
    """The second mean against the first one.

    Attributes:
        change: mean of the second / mean of the first − 1; NaN where the first mean is 0
        low, high: Fieller's interval; NaN for one pair, infinite where the first mean is not told from 0
        p: of the paired t-test of no difference
        n: pairs
        variance: of the change, to first order: (s_dd − 2δ s_ad + δ² s_aa) / (n ā²) with δ the change; NaN for one pair
    """

    change: float
    low: float
    high: float
    p: float
    n: int
    variance: float = nan


def relative_change(first: npt.ArrayLike, second: npt.ArrayLike, confidence: float = 0.95) -> RelativeChange:
    """b̄/ā − 1 of pairs (aᵢ, bᵢ), with the interval of Fieller (1954) for the ratio of paired normal means.

    With d = b − a, the interval holds every δ that a paired t-test of E[b] = (1 + δ)·E[a] does not reject:

        (d̄ − δā)² ≤ t² (s_dd − 2δ s_ad + δ² s_aa)/n,    t = t(n − 1, (1 + c)/2).

    It is chosen over (interval of d̄)/ā, which takes ā for known, and over logarithms, which have no zeros: it is exact
    for normal pairs, and it excludes 0 exactly where the paired t-test is significant at 1 − c, so that a table's
    interval and its p-value never contradict each other. Where ā itself does not differ from 0 at that level no bounded
    interval exists and the ends are infinite.

    Args:
        first, second: one number per seed, 0 or above, in the same order of seeds, shape (n,)
        confidence: c, of the interval

    Raises:
        ValueError: for samples of different length, none, or values that are negative or not finite.
    """
    from scipy.stats import t as student

    test = paired_test(first, second, confidence)
    share(confidence, "confidence")
    a, b = sample(first, "first"), sample(second, "second")
    if (a < 0).any() or (b < 0).any():
        raise ValueError("relative changes are of values that are 0 or above")
    n, mean = a.size, float(a.mean())
    change = test.difference.mean / mean if mean else nan
    if n == 1:
        return RelativeChange(change, nan, nan, test.p, n)
    d = b - a
    scale = float(student.ppf((1 + confidence) / 2, n - 1)) ** 2 / n
    (s_aa, s_ad), (_, s_dd) = np.cov(a, d)
    variance = float(s_dd - 2 * change * s_ad + change**2 * s_aa) / (n * mean**2) if mean else nan
    square, middle, rest = mean**2 - scale * s_aa, mean * d.mean() - scale * s_ad, d.mean() ** 2 - scale * s_dd
    if square <= 0:
        return RelativeChange(change, -inf, inf, test.p, n, variance)
    half = sqrt(max(0.0, middle**2 - square * rest))
    low, high = float((middle - half) / square), float((middle + half) / square)
    return RelativeChange(change, low, high, test.p, n, variance)
