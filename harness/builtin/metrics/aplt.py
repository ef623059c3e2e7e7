"""Average percentage of long-tail items."""

from typing import ClassVar, Literal

import numpy as np

from harness.builtin.metrics._long_tail import listed_of_tail
from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class APLT(Metric):
    """How much of what users are shown is not popular.

    The long tail Γ is what is left when the most popular items with 80 % of the training interactions are taken away.
    Undefined (NaN) where no training interactions are known, and of users with empty lists.
    """

    name: ClassVar[str] = "aplt"
    summary: ClassVar[str] = "share of a user's list that is of the long tail (80/20 of training interactions)"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "|L_u ∩ Γ| / |L_u|, Γ the long tail"
    reference: ClassVar[str] = "Abdollahpouri, Burke and Mobasher, FLAIRS 2019, arXiv 1901.07555, eq. 6"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,), in [0, 1]."""
        found, lengths = listed_of_tail(top), top.lengths
        return np.divide(found, lengths, out=np.full(len(found), np.nan), where=lengths > 0)
