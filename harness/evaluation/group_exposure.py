"""What groups of items are shown, against what there is of them and what users want of them.

Two readings of "fair". As shares: an item with three groups counts a third in each, e_g are the groups' shares of all
places of all lists, and a disparity is the total variation between e and what it should be, ½ Σ_g |e_g − q_g|: the
share of exposure that would have to go to other groups (our reading of the sources for more than two groups). As
probabilities (Zhu et al.): an item counts fully in each of its groups, and a disparity is the standard deviation over
the mean of the groups' probabilities; groups without a pair that the probability could be of are left out.

One group: 0. Nothing shown, nothing wanted, or every probability 0: undefined (NaN).
"""

import numpy as np
import numpy.typing as npt

from harness.domain.membership import Membership
from harness.domain.top_k import TopK, Values


def exposure_disparities(
    top: TopK, items: Membership, counted: npt.NDArray[np.bool_] | None = None
) -> dict[str, float]:
    """Every one of :data:`harness.domain.exposure_names.ALWAYS`, NaN where undefined.

    Args:
        top: the lists
        items: groups of items
        counted: the groups that count, shape (K,); None: all. Shares are then of what these have together
    """
    chosen = slice(None) if counted is None else counted
    wanted, everything = top.judged.target_counts, np.ones(top.n_items)
    shares = items.shared_totals(np.column_stack([top.exposure, top.discounted_exposure, everything, wanted]))
    shown, discounted, catalogue, relevance = shares[chosen].T
    counts = items.totals(np.column_stack([top.exposure, top.judged.candidates, top.hits_by_item, wanted]))
    listed, candidates, hits, targets = counts[chosen].T
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
