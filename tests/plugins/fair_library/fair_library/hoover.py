"""The Hoover index."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity


class Hoover(Disparity):
    name: ClassVar[str] = "hoover"
    summary: ClassVar[str] = "share of all utility that would have to change hands for equality"
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    equation: ClassVar[str] = "Σ_g |u_g − ū| / (2 n ū)"
    reference: ClassVar[str] = "Hoover, Review of Economics and Statistics 18(4), 1936"

    @staticmethod
    def of(utilities: npt.NDArray[np.float64]) -> float:
        total = utilities.sum()
        return float(np.abs(utilities - utilities.mean()).sum() / (2 * total)) if total else float("nan")
