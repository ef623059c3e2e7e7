"""How little known listed books are."""

from typing import ClassVar, Literal

import numpy as np

from harness.plugins import Metric, TopK


class Novelty(Metric):
    name: ClassVar[str] = "novelty"
    summary: ClassVar[str] = "share of listed items with fewer training interactions than the median item"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_u Σ_{i∈L_u} [n_i < median n] / Σ_u |L_u|"
    reference: ClassVar[str] = "an example"

    @staticmethod
    def of(top: TopK) -> float:
        listed = top.exposure.sum()
        if top.popularity is None or not listed:
            return float("nan")
        return float(top.exposure[top.popularity < np.median(top.popularity)].sum() / listed)
