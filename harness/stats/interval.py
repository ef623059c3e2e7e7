"""The mean over seeds and how well it is known."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats.checks import sample, share


@dataclass(frozen=True)
class MeanInterval:
    """A mean with its confidence interval.

    Attributes:
        mean: of the n values
        low, high: the interval's ends; NaN where n = 1
        deviation: the sample's standard deviation (n − 1); NaN where n = 1
        n: how many values there were
        confidence: what share of such intervals cover the true mean
    """

    mean: float
    low: float
    high: float
    deviation: float
    n: int
    confidence: float


def mean_interval(values: npt.ArrayLike, confidence: float = 0.95) -> MeanInterval:
    """Mean and t-interval: x̄ ± t(n−1, (1+c)/2) · s/√n, s² = Σ(xᵢ − x̄)²/(n−1) (Student 1908).

    Exact where the values are independent and normal. Equal values give an interval of length 0; one value has a mean
    and no interval (NaN).

    Args:
        values: one number per seed, shape (n,)
        confidence: c, between 0 and 1

    Raises:
        ValueError: for no values, values that are not finite, or another confidence.
    """
    from scipy.stats import t

    x = sample(values)
    share(confidence, "confidence")
    if x.size == 1:
        return MeanInterval(float(x[0]), nan, nan, nan, 1, confidence)
    mean = float(x.mean())
    deviation = 0.0 if np.ptp(x) == 0 else float(x.std(ddof=1))
    half = float(t.ppf((1 + confidence) / 2, x.size - 1)) * deviation / sqrt(x.size)
    return MeanInterval(mean, mean - half, mean + half, deviation, x.size, confidence)
