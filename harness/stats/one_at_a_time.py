"""Several parameters varied one at a time over the same seeds: which of them matter, and which cannot be told?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isnan, nan, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.stats.checks import share

Verdict = Literal["decides", "does not matter here", "not told apart from chance", "not tested: one seed"]


@dataclass(frozen=True)
class Effect:
    """What varying one parameter changes.

    Attributes:
        means: over the seeds at each of its values
        difference: the largest between two of them
        margin: of every such difference, what chance may contribute: intervals difference ± margin hold for all pairs
            of values of all parameters at once; NaN where there is one seed
    """

    means: tuple[float, ...]
    difference: float
    margin: float

    def verdict(self, negligible: float) -> Verdict:
        """Whether some difference is more than chance, or all of them are smaller than ``negligible``."""
        if isnan(self.margin):
            return "not tested: one seed"
        if self.difference + self.margin <= negligible:
            return "does not matter here"
        return "decides" if self.difference > self.margin else "not told apart from chance"


def effects(curves: Mapping[str, npt.ArrayLike], confidence: float = 0.95) -> dict[str, Effect]:
    """Tukey's (1953) simultaneous intervals of all differences within each curve, Bonferroni's over the curves.

    A value is μ + seed + setting + chance, so differences are within seeds, which have splits of their own. The
    variance of chance is taken from all curves together, Σ residual² / Σ (n − 1)(k − 1): one curve over three seeds has
    too few residuals of its own. That takes chance to be alike wherever a parameter stands; a setting at which training
    is erratic widens the intervals of all.

    Args:
        curves: by parameter, one row per seed and one column per value, shape (n_seeds, n_values), all finite
        confidence: that all intervals hold

    Returns:
        by parameter; a margin is NaN where no curve has two seeds.

    Raises:
        ValueError: for a curve without rows or columns, and another confidence.
    """
    share(confidence, "confidence")
    tables = {name: np.asarray(table, dtype=np.float64) for name, table in curves.items()}
    squares, freedom = 0.0, 0
    for name, table in tables.items():
        if table.ndim != 2 or 0 in table.shape:
            raise ValueError(f"{name}: a row per seed and a column per value are needed, not shape {table.shape}")
        residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
        squares += float((residuals**2).sum())
        freedom += (table.shape[0] - 1) * (table.shape[1] - 1)
    found = {}
    for name, table in tables.items():
        n, k = table.shape
        means = table.mean(axis=0)
        margin = 0.0 if n > 1 else nan
        if n > 1 and k > 1:
            margin = _quantile(1 - (1 - confidence) / len(tables), k, freedom) * sqrt(squares / freedom / n)
        found[name] = Effect(tuple(map(float, means)), float(np.ptp(means)), margin)
    return found


@cache
def _quantile(probability: float, values: int, freedom: int) -> float:
    """Of the studentised range; kept, as it takes a tenth of a second."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(probability, values, freedom))
