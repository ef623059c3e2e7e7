"""The range of utilities, under another name."""

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity


class Spread(Disparity):
    """max − min."""

    name = "spread"
    summary = "the range"
    better = "lower"
    equation = "max_g u_g − min_g u_g"
    reference = "folklore"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        return float(utilities.max() - utilities.min())
