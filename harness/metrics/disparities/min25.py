"""Mean utility of the worst quarter of groups."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.metrics.inequality import NAN, worst
from harness.protocols import Disparity


class Min25(Disparity):
    """What the worst-served quarter of groups gets. One group: its utility. All utilities 0: 0. No group: NaN."""

    name: ClassVar[str] = "min25"
    summary: ClassVar[str] = "mean utility of the worst quarter of groups"
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    equation: ClassVar[str] = "mean of the ⌈0.25·n⌉ smallest u_g"
    reference: ClassVar[str] = "BiFair, arXiv 2507.04294 (MIN@25 %)"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        """Mean of the ⌈n/4⌉ smallest utilities."""
        return float(worst(utilities, 0.25).mean()) if len(utilities) else NAN
