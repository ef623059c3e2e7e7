"""Mean average precision."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class MAP(Metric):
    """Precision at each target that is listed, averaged over all targets of the user."""

    name: ClassVar[str] = "map"
    summary: ClassVar[str] = (
        "precision at each listed target, summed and divided by all targets |R|, not by min(K, |R|)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_{r≤K} rel_r·(Σ_{s≤r} rel_s / r) / |R|"
    reference: ClassVar[str] = "trec_eval (Buckley and Voorhees): map_cut_K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        return np.asarray(top.judged.precisions[:, top.k - 1] / top.n_relevant)
