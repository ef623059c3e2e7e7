"""Entropy of exposure."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK
from harness.plugins import Metric


class ExposureEntropy(Metric):
    """1: every item of the catalogue is shown equally often; 0: one item has it all.

    Undefined (NaN) where nothing is listed or the catalogue has one item.
    """

    name: ClassVar[str] = "exposure_entropy"
    summary: ClassVar[str] = "entropy of how often items are shown, as a share of its maximum"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "−Σ_i p_i·ln p_i / ln n, p_i = e_i / Σ_j e_j"
    reference: ClassVar[str] = "Shannon, Bell System Technical Journal 27, 1948; divided by its maximum"

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in [0, 1]."""
        from scipy.special import entr

        total = top.exposure.sum()
        if not total or top.n_items < 2:
            return float("nan")
        return float(entr(top.exposure / total).sum() / np.log(top.n_items))
