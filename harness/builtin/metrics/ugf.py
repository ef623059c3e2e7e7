"""User-oriented group fairness."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.builtin.metrics.ndcg import NDCG
from harness.domain.top_k import Judged, TopK
from harness.plugins import Metric

ADVANTAGED = 20
"""One user in so many is advantaged: 5 %."""


class UGF(Metric):
    """How much better the most active 5 % of users are served than all others.

    Ranked users by their training interactions; who is as active as the last of the 5 % is advantaged too. Of other
    groups of users, two or more, the disparity ``max_min`` is the same. One group: 0. Undefined (NaN) where no training
    interactions are known.
    """

    name: ClassVar[str] = "ugf"
    summary: ClassVar[str] = "gap between the NDCG of the most active 5 % of users and that of the others"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "|mean_{u∈A} NDCG_u − mean_{u∉A} NDCG_u|, A the most active 5 % of users"
    reference: ClassVar[str] = "Li et al., User-oriented fairness in recommendation, WWW 2021, arXiv 2104.10671"

    @staticmethod
    def of(top: TopK) -> float:
        """Of all users, in [0, 1]."""
        advantaged, served = top.judged.once(most_active), NDCG.of(top)
        if advantaged is None:
            return float("nan")
        return 0.0 if advantaged.all() else float(abs(served[advantaged].mean() - served[~advantaged].mean()))


def most_active(judged: Judged) -> npt.NDArray[np.bool_] | None:
    """The advantaged among the ranked users, shape (u,); None where no training interactions are known."""
    if judged.activity is None:
        return None
    activity = judged.activity[judged.ranking.users]
    last = np.sort(activity)[::-1][-(-len(activity) // ADVANTAGED) - 1]
    return np.asarray(activity >= last)
