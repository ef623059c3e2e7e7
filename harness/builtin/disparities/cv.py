"""Coefficient of variation."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN


class CV(Disparity):
    """How far utilities spread around their mean. One group: 0. All utilities 0, or none: undefined (NaN)."""

    name: ClassVar[str] = "cv"
    summary: ClassVar[str] = "standard deviation of groups' utilities over their mean"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "√(1/n Σ_g (u_g − ū)²) / ū, ū = 1/n Σ_g u_g"
    reference: ClassVar[str] = "BiFair, arXiv 2507.04294"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Population standard deviation over mean; NaN where every utility is 0."""
        return float(utilities.std() / utilities.mean()) if utilities.any() else NAN
