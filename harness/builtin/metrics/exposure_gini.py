"""Gini index of exposure."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK
from harness.plugins import Metric
from harness.stats.inequality import gini


class ExposureGini(Metric):
    """0: every item of the catalogue is shown equally often; near 1: a few items have it all.

    Undefined (NaN) where nothing is listed.
    """

    name: ClassVar[str] = "exposure_gini"
    summary: ClassVar[str] = "Gini index of how often items are shown"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    equation: ClassVar[str] = "Σ_i Σ_j |e_i − e_j| / (2 n² ē)"
    reference: ClassVar[str] = "Fleder and Hosanagar, Management Science 55(5), 2009"

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in [0, 1)."""
        return gini(top.exposure.astype(np.float64))
