"""Mean reciprocal rank."""

from typing import ClassVar, Literal

import numpy as np

from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class MRR(Metric):
    """How soon something is found."""

    name: ClassVar[str] = "mrr"
    summary: ClassVar[str] = "1 / rank of the first target, 0 where none is among the first K"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "1 / min{r ≤ K: rel_r = 1}, or 0"
    reference: ClassVar[str] = "trec_eval (Buckley and Voorhees): recip_rank, cut at K"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,)."""
        return np.asarray((top.hit_counts > 0) / top.judged.first_hit)
