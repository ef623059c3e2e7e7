"""Normalised discounted cumulative gain."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values, discounts
from harness.plugins import Metric


class NDCG(Metric):
    """Hits count less the lower they are listed; 1 is the best list possible with the user's number of targets."""

    name: ClassVar[str] = "ndcg"
    summary: ClassVar[str] = "discounted gain of the first K over that of the best list"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_{r≤K} rel_r/log2(r+1) / Σ_{r≤min(K,|R|)} 1/log2(r+1)"
    reference: ClassVar[str] = "Järvelin and Kekäläinen, ACM TOIS 20(4), 2002; trec_eval: ndcg_cut_K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        ideal = np.cumsum(discounts(top.k))[np.minimum(top.n_relevant, top.k) - 1]
        return np.asarray(top.discounted_hits / ideal)
