"""Measures of inequality between values ≥ 0, used for groups' utilities and for items' exposure.

Relative measures have no value (NaN) where there is no value or all are 0: nothing for anybody is not "fair".
"""

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

NAN = float("nan")


def gini(values: Values) -> float:
    """Σ_i Σ_j |x_i − x_j| / (2 n² x̄), by sorting; NaN where all are 0."""
    n, total = len(values), values.sum()
    if not total:
        return NAN
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ np.sort(values) / (n * total))


def normalised_entropy(values: Values) -> float:
    """−Σ_i p_i log p_i / log n with p_i = x_i / Σ_j x_j: 1 where all are equal; NaN where all are 0.

    A single value is equal to all others there are: 1.
    """
    if not values.any():
        return NAN
    if len(values) == 1:
        return 1.0
    p = values[values > 0] / values.sum()
    return float(-(p @ np.log(p)) / math.log(len(values)))


def atkinson(values: Values, epsilon: float) -> float:
    """1 − (1/n Σ_i x_i^{1−ε})^{1/(1−ε)} / x̄ for 0 < ε < 1: the share of x̄ that equality would save; NaN at all 0."""
    if not values.any():
        return NAN
    mean = values.mean()
    return float(1 - np.mean((values / mean) ** (1 - epsilon)) ** (1 / (1 - epsilon)))


def worst(values: Values, q: float) -> Values:
    """The ⌈q·n⌉ smallest values, ascending; at least one where there are any, for 0 < q ≤ 1.

    q is the decimal number that it is written as: 0.07 of 100 values are 7, though 0.07 · 100 is more in floats.
    """
    return np.sort(values)[: math.ceil(Fraction(str(q)) * len(values))]
