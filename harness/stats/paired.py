"""Two methods over the same seeds: is the difference more than chance, and how large is it?"""

from dataclasses import dataclass
from math import copysign, inf, nan, sqrt

import numpy.typing as npt

from harness.stats.checks import sample
from harness.stats.interval import MeanInterval, mean_interval


@dataclass(frozen=True)
class PairedTest:
    """A paired t-test.

    Attributes:
        difference: mean of the second minus the first, with its t-interval
        t: the statistic, with n − 1 degrees of freedom
        p: two-sided probability of a |t| as large where the true difference is 0
        effect: Cohen's d_z, the mean difference in units of the differences' standard deviation
    """

    difference: MeanInterval
    t: float
    p: float
    effect: float


def paired_test(first: npt.ArrayLike, second: npt.ArrayLike, confidence: float = 0.95) -> PairedTest:
    """t = d̄/(s_d/√n), d = second − first, two-sided (Student 1908); d_z = d̄/s_d = t/√n (Cohen 1988, §2.3.5).

    With one pair, t, p and d_z are NaN: nothing can be said. Where all differences are equal s_d is 0: no difference
    anywhere gives t = 0, p = 1 and d_z = 0 (methods that agree in everything), the same difference everywhere gives
    t = d_z = ±∞ and p = 0.

    Args:
        first, second: one number per seed, in the same order of seeds, shape (n,)
        confidence: of the difference's interval

    Raises:
        ValueError: for samples of different length, none, or values that are not finite.
    """
    from scipy.stats import t as student

    a, b = sample(first, "first"), sample(second, "second")
    if a.size != b.size:
        raise ValueError(f"pairs are needed, not {a.size} values and {b.size}")
    found = mean_interval(b - a, confidence)
    if found.n == 1:
        return PairedTest(found, nan, nan, nan)
    if found.deviation == 0:
        same = found.mean == 0
        endless = copysign(inf, found.mean)
        return PairedTest(found, 0.0, 1.0, 0.0) if same else PairedTest(found, endless, 0.0, endless)
    effect = found.mean / found.deviation
    statistic = effect * sqrt(found.n)
    return PairedTest(found, statistic, float(2 * student.sf(abs(statistic), found.n - 1)), effect)
