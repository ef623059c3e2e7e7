"""Entropy of the distribution of utility over groups."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import normalised_entropy


class Entropy(Disparity):
    """How evenly utility is spread, 1 where it is even. One group: 1. All utilities 0, or no group: undefined (NaN)."""

    name: ClassVar[str] = "entropy"
    summary: ClassVar[str] = "entropy of utility over groups, 1 where all get the same"
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    equation: ClassVar[str] = "−Σ_g p_g log p_g / log n, p_g = u_g / Σ_h u_h"
    reference: ClassVar[str] = "Shannon 1948, over log n (Pielou's evenness, J. Theor. Biol. 13, 1966)"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Normalised entropy; NaN where every utility is 0."""
        return normalised_entropy(utilities)
