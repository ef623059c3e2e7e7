"""Mean absolute difference between groups."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN


class MAD(Disparity):
    """How far two groups are apart, on average over all pairs. One group: 0. All utilities 0: 0. No group: NaN.

    Of groups of users with NDCG as their utility that is Deldjoo et al.'s MAD of ranking. Of groups of items theirs
    averages other utilities, gains per listing of each item; ours is of the definition's own utility.
    """

    name: ClassVar[str] = "mad"
    summary: ClassVar[str] = "mean absolute difference between the utilities of two groups"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "2 Σ_{g<h} |u_g − u_h| / (n (n − 1))"
    reference: ClassVar[str] = "Deldjoo et al., User Modeling and User-Adapted Interaction 31, 2021: MAD of ranking"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Mean of |u_g − u_h| over pairs, by sorting."""
        n = len(utilities)
        if n < 2:
            return 0.0 if n else NAN
        ranks = np.arange(1, n + 1)
        return float((2 * ranks - n - 1) @ np.sort(utilities) * 2 / (n * (n - 1)))
