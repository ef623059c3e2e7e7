"""Hit rate of top-K lists."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class HitRate(Metric):
    """Whether anything has been found."""

    name: ClassVar[str] = "hit_rate"
    summary: ClassVar[str] = "share of users with a target among the first K"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "1 if Σ_{r≤K} rel_r > 0 else 0"
    reference: ClassVar[str] = "trec_eval (Buckley and Voorhees): success_K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        return np.asarray(top.hit_counts > 0, dtype=np.float64)
