"""What groups of items are shown, against what there is of them and what users want of them.

Two readings of "fair". As shares: an item with three groups counts a third in each, e_g are the groups' shares of all
places of all lists, and a disparity is the total variation between e and what it should be, ½ Σ_g |e_g − q_g|: the
share of exposure that would have to go to other groups (our reading of the sources for more than two groups). As
probabilities (Zhu et al.): an item counts fully in each of its groups, and a disparity is the standard deviation over
the mean of the groups' probabilities; groups without a pair that the probability could be of are left out.

One group: 0. Nothing shown, nothing wanted, or every probability 0: undefined (NaN).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from harness.data.membership import Membership
from harness.metrics.top_k import TopK, Values

_SINGH = "Singh and Joachims, KDD 2018"
_SAPIEZYNSKI = "Sapiezynski et al., WWW 2019 companion: attention-weighted rank fairness"
_ZHU = "Zhu, Wang and Caverlee, SIGIR 2020"


@dataclass(frozen=True)
class ExposureDisparity:
    """How unequally groups of items are shown.

    Attributes:
        summary: one line for ``harness list``
        equation: e_g, ẽ_g: the group's share of places, and of places that count 1/log2(r + 1) at rank r; c_g, r_g:
            its share of the catalogue, and of the target interactions
        reference: where it comes from
        better: which way is fairer
    """

    summary: str
    equation: str
    reference: str
    better: Literal["lower", "higher"] = "lower"


EXPOSURE_DISPARITIES: Mapping[str, ExposureDisparity] = {
    "dp": ExposureDisparity(
        "share of exposure that other groups would need to match their shares of the catalogue",
        "½ Σ_g |e_g − c_g|",
        f"{_SINGH}: demographic parity",
    ),
    "dp_discounted": ExposureDisparity(
        "the same, a place at rank r counting 1/log2(r + 1)", "½ Σ_g |ẽ_g − c_g|", f"{_SINGH}; {_SAPIEZYNSKI}"
    ),
    "eo": ExposureDisparity(
        "share of exposure that other groups would need to match their shares of target interactions",
        "½ Σ_g |e_g − r_g|",
        f"{_SINGH}: exposure in proportion to relevance",
    ),
    "eo_discounted": ExposureDisparity(
        "the same, a place at rank r counting 1/log2(r + 1)", "½ Σ_g |ẽ_g − r_g|", f"{_SINGH}; {_SAPIEZYNSKI}"
    ),
    "rsp": ExposureDisparity(
        "relative deviation of the chance to be listed, over groups",
        "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g| / Σ_u |g without u's masked items|",
        f"{_ZHU}: ranking-based statistical parity",
    ),
    "reo": ExposureDisparity(
        "relative deviation of the chance of a wanted item to be listed, over groups",
        "std_g(P_g) / mean_g(P_g), P_g = Σ_u |L_u ∩ g ∩ R_u| / Σ_u |g ∩ R_u|, R_u the targets of u",
        f"{_ZHU}: ranking-based equal opportunity",
    ),
}


def exposure_disparities(top: TopK, items: Membership) -> dict[str, float]:
    """Every one of :data:`EXPOSURE_DISPARITIES`, NaN where undefined.

    Args:
        top: the lists
        items: groups of items
    """
    wanted, everything = top.judged.wanted, np.ones(top.n_items)
    shares = items.shares.T @ np.column_stack([top.exposure, top.discounted_exposure, everything, wanted])
    shown, discounted, catalogue, relevance = shares.T
    counts = items.matrix.T.astype(np.float64) @ np.column_stack(
        [top.exposure, top.judged.candidates, top.hits_by_item, wanted]
    )
    listed, candidates, hits, targets = counts.T
    return {
        "dp": total_variation(shown, catalogue),
        "dp_discounted": total_variation(discounted, catalogue),
        "eo": total_variation(shown, relevance),
        "eo_discounted": total_variation(discounted, relevance),
        "rsp": relative_deviation(listed, candidates),
        "reo": relative_deviation(hits, targets),
    }


def total_variation(masses: Values, others: Values) -> float:
    """½ Σ |p − q| of two distributions given by masses ≥ 0, in [0, 1]; NaN where either has no mass."""
    if not masses.sum() or not others.sum():
        return float("nan")
    return float(np.abs(masses / masses.sum() - others / others.sum()).sum() / 2)


def relative_deviation(successes: Values, trials: Values) -> float:
    """Population standard deviation over mean of successes / trials, where there are trials; NaN for a mean of 0."""
    tried = trials > 0
    rates = successes[tried] / trials[tried]
    return float(rates.std() / rates.mean()) if rates.any() else float("nan")
