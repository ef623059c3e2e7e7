"""Recall of top-K lists."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class Recall(Metric):
    """How much of what there is to find has been found."""

    name: ClassVar[str] = "recall"
    summary: ClassVar[str] = "share of a user's targets among the first K"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "Σ_{r≤K} rel_r / |R|"
    reference: ClassVar[str] = "trec_eval (Buckley and Voorhees): recall_K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        return np.asarray(top.hit_counts / top.n_relevant)
