"""Gap between the best and the worst group."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN


class MaxMin(Disparity):
    """How much more the best-served group gets than the worst. One group: 0. All utilities 0: 0. No group: NaN."""

    name: ClassVar[str] = "max_min"
    summary: ClassVar[str] = "utility of the best group less that of the worst"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "max_g u_g − min_g u_g"
    reference: ClassVar[str] = "folklore"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Largest less smallest utility."""
        return float(utilities.max() - utilities.min()) if len(utilities) else NAN
