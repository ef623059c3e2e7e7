"""Precision of top-K lists."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class Precision(Metric):
    """How much of what is listed is to be found; K is the divisor of shorter lists too."""

    name: ClassVar[str] = "precision"
    summary: ClassVar[str] = "share of targets among the first K"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_{r≤K} rel_r / K"
    reference: ClassVar[str] = "trec_eval (Buckley and Voorhees): P_K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        return np.asarray(top.hit_counts / top.k)
