"""Recall without popularity bias."""

from typing import ClassVar, Literal

import numpy as np

from harness.builtin.metrics._propensity import self_normalised
from harness.domain.top_k import TopK
from harness.plugins import Metric


class IPSRecall(Metric):
    """Recall as it were if all that is liked were observed: a hit counts the more, the less popular the item is.

    The inverse propensity estimator of Schnabel et al., for implicit feedback as by Yang et al.: self-normalised, with
    propensities in proportion to n^((γ + 1)/2) and γ = 2 (they measured 1.55 to 3.07). Targets without training
    interactions are left out, and users without any other. Undefined (NaN) where no training interactions are known.
    """

    name: ClassVar[str] = "ips_recall"
    summary: ClassVar[str] = "recall, targets weighted by their inverse propensity n^−1.5 (n training interactions)"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = (
        "mean_u Σ_{i∈L_u∩R_u} w_i / Σ_{i∈R_u} w_i, w_i = n_i^(−(γ+1)/2), γ = 2, R_u the targets of u"
    )
    reference: ClassVar[str] = (
        "Yang et al., Unbiased offline recommender evaluation, RecSys 2018 (SNIPS); Schnabel et al., ICML 2016"
    )

    @staticmethod
    def of(top: TopK) -> float:
        """Of all users, in [0, 1]."""
        return self_normalised(top, np.ones(top.k))
