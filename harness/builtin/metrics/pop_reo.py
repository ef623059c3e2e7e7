"""Equal opportunity of popular and unpopular items."""

from typing import ClassVar, Literal

import numpy as np

from harness.builtin.metrics._long_tail import deviation_of_rates
from harness.domain.top_k import TopK
from harness.plugins import Metric


class PopREO(Metric):
    """How unequal the chances are that a target of the short head and one of the long tail is found.

    Zhu et al.'s REO, of two groups: the most popular items with 80 % of the training interactions, and the others. The
    disparity ``reo`` is the same of any groups. A group without targets is left out, so one alone has 0. Undefined
    (NaN) where nothing is found or no training interactions are known.
    """

    name: ClassVar[str] = "pop_reo"
    summary: ClassVar[str] = (
        "relative deviation of the chance of a wanted item to be listed, over short head and long tail"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = (
        "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g ∩ R_u| / Σ_u |g ∩ R_u|, R_u the targets of u"
    )
    reference: ClassVar[str] = (
        "Zhu, Wang and Caverlee, SIGIR 2020: ranking-based equal opportunity; in Elliot, SIGIR 2021: PopREO"
    )

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in [0, 1]: of two rates the deviation is at most the mean."""
        return deviation_of_rates(top, top.hits_by_item, top.judged.target_counts.astype(np.float64))
