"""Atkinson index of groups' utilities."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import atkinson


class Atkinson(Disparity):
    """Which share of the mean utility equality would save, ε = 0.5.

    One group: 0. All utilities 0, or no group: undefined (NaN). A group that gets nothing leaves it below 1.
    """

    name: ClassVar[str] = "atkinson"
    summary: ClassVar[str] = "Atkinson index of groups' utilities, inequality aversion 0.5"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "1 − (1/n Σ_g √u_g)² / ū"
    reference: ClassVar[str] = "Atkinson, On the measurement of inequality, J. Economic Theory 2, 1970, with ε = 0.5"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Atkinson index with ε = 0.5, in [0, 1 − 1/n]; NaN where every utility is 0."""
        return atkinson(utilities, 0.5)
