"""Utility of the worst group."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN


class Minimum(Disparity):
    """What the worst-served group gets. One group: its utility. All utilities 0: 0. No group: NaN."""

    name: ClassVar[str] = "minimum"
    summary: ClassVar[str] = "utility of the worst group"
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    equation: ClassVar[str] = "min_g u_g"
    reference: ClassVar[str] = "Rawls, A Theory of Justice, 1971 (maximin)"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """The smallest utility."""
        return float(utilities.min()) if len(utilities) else NAN
