"""Several comparisons at once: what remains significant when all of them could have been."""

import numpy as np
import numpy.typing as npt

from harness.domain.top_k import Values


def holm(p_values: npt.ArrayLike) -> Values:
    """Adjusted p-values of a family of m comparisons, shape (m,), in the order given.

    p̃₍ᵢ₎ = max_{j ≤ i} min(1, (m − j + 1)·p₍ⱼ₎) over the ascending p₍₁₎ ≤ … ≤ p₍ₘ₎ (Holm 1979). Rejecting every p̃ ≤ α
    keeps the probability of any false rejection at α or below, whatever the dependence between the comparisons.

    Equal p-values get equal answers, one p-value is left as it is, no p-value gives none. NaN (a comparison that could
    not be tested) stays NaN and still counts in m: the family is declared before the results are seen.

    Raises:
        ValueError: for p-values outside of 0 to 1, or more than one dimension.
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or ((p < 0) | (p > 1)).any():
        raise ValueError(f"p-values in a row, each from 0 to 1, are needed, not {p.tolist()}")
    order = np.argsort(p, kind="stable")  # NaN comes last and so changes no other
    factors = np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, factors * p[order]))
    return adjusted
