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
    p, order = _ordered(p_values)
    factors = np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, factors * p[order]))
    return adjusted


def benjamini_hochberg(p_values: npt.ArrayLike) -> Values:
    """Adjusted p-values of a family of m comparisons, shape (m,), in the order given.

    p̃₍ᵢ₎ = min_{j ≥ i} min(1, m·p₍ⱼ₎/j) over the ascending p₍₁₎ ≤ … ≤ p₍ₘ₎ (Benjamini and Hochberg 1995). Rejecting
    every p̃ ≤ q keeps the expected share of false ones among all rejections at q or below, for comparisons that are
    independent or positively dependent (Benjamini and Yekutieli 2001, theorem 1.2). That is less than :func:`holm`
    promises, and rejects at least as many.

    Equal p-values, single ones, none and NaN: as :func:`holm` has them.

    Raises:
        ValueError: for p-values outside of 0 to 1, or more than one dimension.
    """
    p, order = _ordered(p_values)
    scaled = np.minimum(1.0, p[order] * (p.size / np.arange(1, p.size + 1)))  # the last one stays as it is
    adjusted = np.empty_like(p)
    adjusted[order] = np.fmin.accumulate(scaled[::-1])[
        ::-1
    ]  # from the largest on; NaN comes before it and is no number
    adjusted[np.isnan(p)] = np.nan
    return adjusted


def _ordered(p_values: npt.ArrayLike) -> tuple[Values, npt.NDArray[np.intp]]:
    """The p-values and where each is in ascending order; NaN comes last and so changes no other."""
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or ((p < 0) | (p > 1)).any():
        raise ValueError(f"p-values in a row, each from 0 to 1, are needed, not {p.tolist()}")
    return p, np.argsort(p, kind="stable")
