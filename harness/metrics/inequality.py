"""The Gini index, used for groups' utilities and for items' exposure."""

import numpy as np
import numpy.typing as npt


def gini(values: npt.NDArray[np.float64]) -> float:
    """Σ_i Σ_j |x_i − x_j| / (2 n² x̄) of values ≥ 0, by sorting; NaN where all are 0."""
    n, total = len(values), values.sum()
    if not total:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1) @ np.sort(values) / (n * total))
