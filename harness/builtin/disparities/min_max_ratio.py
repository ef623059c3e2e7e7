"""Worst group relative to the best."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN


class MinMaxRatio(Disparity):
    """Which part of the best group's utility the worst gets. One group: 1. All 0, or no group: undefined (NaN)."""

    name: ClassVar[str] = "min_max_ratio"
    summary: ClassVar[str] = "utility of the worst group over that of the best"
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    equation: ClassVar[str] = "min_g u_g / max_g u_g"
    reference: ClassVar[str] = "folklore (the four-fifths rule compares it with 0.8)"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Smallest over largest utility; NaN where every utility is 0."""
        return float(utilities.min() / utilities.max()) if utilities.any() else NAN
