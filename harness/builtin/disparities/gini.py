"""Gini index of groups' utilities."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import gini


class Gini(Disparity):
    """Half the mean difference between two groups over the mean. One group: 0. All 0, or no group: undefined (NaN)."""

    name: ClassVar[str] = "gini"
    summary: ClassVar[str] = "Gini index of groups' utilities"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "Σ_g Σ_h |u_g − u_h| / (2 n² ū)"
    reference: ClassVar[str] = "Gini, Variabilità e mutabilità, 1912"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Gini index (population form, at most 1 − 1/n); NaN where every utility is 0."""
        return gini(utilities)
