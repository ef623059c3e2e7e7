"""What top-K lists show, whoever finds it relevant: pure functions of the lists' items."""

import numpy as np
import numpy.typing as npt

from harness.data.interactions import Indices
from harness.metrics.inequality import gini


def exposure(items: Indices, k: int, n_items: int) -> Indices:
    """How many of the lists show each item in their first k; ``items`` (u, ≥ k) with -1 for none; shape (n_items,)."""
    shown = items[:, :k]
    return np.bincount(shown[shown >= 0], minlength=n_items)


def coverage(shown: Indices) -> float:
    """Share of the catalogue that is in at least one list; higher is more varied."""
    return float((shown > 0).mean())


def exposure_gini(shown: Indices) -> float:
    """Gini index of exposure over the whole catalogue: 0 where all items are shown equally often."""
    return gini(shown.astype(np.float64))


def average_popularity(shown: Indices, popularity: npt.NDArray[np.int64]) -> float:
    """Mean number of training interactions of a recommended item, in interactions."""
    return float(shown @ popularity / shown.sum())


EXPOSURE_EQUATIONS = {
    "coverage": "|∪_u L_u| / n_items",
    "exposure_gini": "Σ_i Σ_j |e_i − e_j| / (2 n² ē), e_i = number of lists with item i",
    "average_popularity": "Σ_u Σ_{i∈L_u} (training interactions of i) / Σ_u |L_u|",
}
