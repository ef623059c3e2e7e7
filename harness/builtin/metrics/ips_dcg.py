"""Discounted cumulative gain without popularity bias."""

from typing import ClassVar, Literal

from harness.builtin.metrics._propensity import self_normalised
from harness.domain.top_k import TopK, discounts
from harness.plugins import Metric


class IPSDCG(Metric):
    """DCG of a target, as it were if all that is liked were observed: hits of unpopular items count more.

    The estimator of ``ips_recall``, a hit at rank r counting 1/log2(r + 1). No ideal list is divided by, so with
    several targets 1 is not reached. Undefined (NaN) where no training interactions are known.
    """

    name: ClassVar[str] = "ips_dcg"
    summary: ClassVar[str] = (
        "discounted gain per target, weighted by inverse propensity n^−1.5 (n training interactions)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = (
        "mean_u Σ_{r≤K} w_{i_r}·rel_r/log2(r+1) / Σ_{i∈R_u} w_i, w_i = n_i^(−(γ+1)/2), γ = 2, i_r the item at rank r"
    )
    reference: ClassVar[str] = (
        "Yang et al., Unbiased offline recommender evaluation, RecSys 2018 (SNIPS); Schnabel et al., ICML 2016"
    )

    @staticmethod
    def of(top: TopK) -> float:
        """Of all users, in [0, 1]."""
        return self_normalised(top, discounts(top.k))
