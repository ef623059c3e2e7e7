"""One change measured on several data sets: its mean over data sets such as these, where it differs between them."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats.checks import sample, share

MOST = 1e6
"""Times the effects' own spread: τ² above it is looked for no further."""


@dataclass(frozen=True)
class Pooled:
    """A mean over data sets.

    Attributes:
        mean: of the effects, the surer ones weighing more
        low, high: its interval; NaN for one effect
        tau: standard deviation of the true effects between data sets
        n: how many
    """

    mean: float
    low: float
    high: float
    tau: float
    n: int


def random_effects(effects: npt.ArrayLike, variances: npt.ArrayLike, confidence: float = 0.95) -> Pooled:
    """The mean μ of effects y_i ~ N(μ, v_i + τ²), weights w_i = 1/(v_i + τ²).

    τ² is that of Paule and Mandel (1982): Σ w_i (y_i − μ)² = n − 1, or 0 where the left side is smaller there. The
    interval is μ ± t(n − 1) · √(q / Σ w_i) with q = max(1, Σ w_i (y_i − μ)² / (n − 1)): that of Hartung and Knapp
    (2001), which keeps its level with few data sets, and never narrower than if nothing differed between them (Röver,
    Knapp and Friede 2015, section 2.4).

    Args:
        effects: y, one number per data set, shape (n,)
        variances: v, of their estimates, above 0, shape (n,)
        confidence: of the interval

    Raises:
        ValueError: for samples of different length, none, or variances that are not above 0.
    """
    from scipy.stats import t as student

    share(confidence, "confidence")
    y, v = sample(effects, "effects"), sample(variances, "variances")
    if y.shape != v.shape or (v <= 0).any():
        raise ValueError("as many variances as effects are needed, each above 0")
    if y.size == 1:
        return Pooled(float(y[0]), nan, nan, nan, 1)
    tau2 = _between(y, v)
    w = 1 / (v + tau2)
    mean, q = _weighted(y, w)
    half = float(student.ppf((1 + confidence) / 2, y.size - 1)) * sqrt(max(1.0, q / (y.size - 1)) / w.sum())
    return Pooled(mean, mean - half, mean + half, sqrt(tau2), y.size)


def _between(y: npt.NDArray[np.float64], v: npt.NDArray[np.float64]) -> float:
    """τ²."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return _weighted(y, 1 / (v + tau2))[1] - (y.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, MOST * float(np.var(y)), xtol=1e-15, rtol=1e-12))


def _weighted(y: npt.NDArray[np.float64], w: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The weighted mean, and the weighted sum of squares around it."""
    mean = float((w * y).sum() / w.sum())
    return mean, float((w * (y - mean) ** 2).sum())
