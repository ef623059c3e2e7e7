"""Statistical parity of popular and unpopular items."""

from typing import ClassVar, Literal

import numpy as np

from harness.builtin.metrics._long_tail import deviation_of_rates
from harness.domain.top_k import TopK
from harness.plugins import Metric


class PopRSP(Metric):
    """How unequal the chances are that an item of the short head and one of the long tail is listed.

    Zhu et al.'s RSP, of two groups: the most popular items with 80 % of the training interactions, and the others. The
    disparity ``rsp`` is the same of any groups. 0 where there is no long tail. Undefined (NaN) where nothing is listed
    or no training interactions are known.
    """

    name: ClassVar[str] = "pop_rsp"
    summary: ClassVar[str] = "relative deviation of the chance to be listed, over short head and long tail"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g| / Σ_u |g without u's masked items|"
    reference: ClassVar[str] = (
        "Zhu, Wang and Caverlee, SIGIR 2020: ranking-based statistical parity; in Elliot, SIGIR 2021: PopRSP"
    )

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in [0, 1]: of two rates the deviation is at most the mean."""
        return deviation_of_rates(top, top.exposure.astype(np.float64), top.judged.candidates.astype(np.float64))
