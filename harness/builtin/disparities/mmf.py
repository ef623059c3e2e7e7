"""Max-min fairness: the share that the worse half of groups gets."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN, worst

RATIO = 0.5


class MMF(Disparity):
    """Which share of all groups' utility the worse half gets. One group: 1. All 0, or no group: undefined (NaN).

    FairDiverse, the toolkit of P-MMF's and FairDual's authors, has the half (``mmf_eval_ratio``) and rounds n/2 down;
    our reading rounds up, as MIN@q does, so that a single group has a value.
    """

    name: ClassVar[str] = "mmf"
    summary: ClassVar[str] = "share of all utility that the worse half of groups gets (max-min fairness)"
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    equation: ClassVar[str] = "Σ of the ⌈0.5·n⌉ smallest u_g / Σ_g u_g"
    reference: ClassVar[str] = "Xu et al., FairDual, ICLR 2025, arXiv 2502.09319, as in their toolkit FairDiverse"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Share of the ⌈n/2⌉ smallest utilities in the sum; NaN where every utility is 0."""
        total = utilities.sum()
        return float(worst(utilities, RATIO).sum() / total) if total else NAN
