"""Whitening by group: afterwards groups have one mean and, as far as their sizes allow, one covariance.

Correlation alignment (CORAL: Sun, Feng and Saenko, Return of frustratingly easy domain adaptation, AAAI 2016) whitens
what comes from one domain and colours it with the covariance of another, (x − μ_g) Σ_g^(−½) Σ^½. Here each group is a
domain and all items together are the other one. Shrinkage and items in several groups are our construction.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from harness.vectors.adjust import BLOCK, Matrix, Vectors, principal, rank_of

ROUNDING = 1e-12


class Whitened(NamedTuple):
    """Changed vectors.

    Attributes:
        vectors: shape (n, d), float32
        shrinkage: λ_g, by group: 0 where its own covariance is believed, 1 where that of all items stands for it
    """

    vectors: Vectors
    shrinkage: Matrix


def whitened(vectors: Vectors, groups: npt.ArrayLike, block: int = BLOCK) -> Whitened:
    """x' = μ + Σ_g C_ig Σ^½ Σ̂_g^(−½) e_i, less what is left of it in the means of groups.

    μ and Σ are of all items, so both stay what they are where items have one group each and nothing is shrunk.

    - e = x − C M with M = argmin ‖x − C M‖²: of items with one group each M are the groups' means. An item of several
      is expected where the mixture of its groups is, for no mean of its own could be told from one item.
    - Σ_g = Σ_i p_i e_i e_iᵀ, p_i = C_ig / Σ_j C_jg, shrunk towards Σ: Σ̂_g = (1 − λ_g) Σ_g + λ_g Σ. λ_g is Ledoit and
      Wolf's (2004) with Σ as a fixed target, min(1, Var(Σ_g) / ‖Σ_g − Σ‖²), Var(Σ_g) = m/(m − 1) Σ_i p_i² ‖e_i e_iᵀ −
      Σ_g‖² and m = 1 / Σ_i p_i² items; 1 where m is 1. A group of fewer items than dimensions, whose Σ_g has no
      inverse and would turn its items into corners of a simplex, keeps most of its shape by that.
    - An item of several groups is moved by the mean of their maps, by its shares, as everywhere here. The means of such
      maps need not be the same for all groups: what is left is taken away as C M was. So Cov(x', C) = 0 whatever the
      groups, and no linear classifier under a convex loss is better than a constant (Belrose et al. 2023, theorem 3.1).

    Args:
        vectors: x, shape (n, d)
        groups: C, shares in groups, rows sum to 1, shape (n, K)
        block: rows that are in double precision at once
    """
    C = np.asarray(groups, dtype=np.float64)
    mean = vectors.mean(axis=0, dtype=np.float64)
    variances, axes = principal(vectors, mean, block)
    kept = rank_of(variances)
    axes = axes[:, :kept]
    parts = [slice(start, start + block) for start in range(0, len(vectors), block)]
    regress = np.linalg.pinv(C.T @ C, hermitian=True)
    M = regress @ sum(C[rows].T @ ((vectors[rows] - mean) @ axes) for rows in parts)

    def residuals(rows: slice) -> Matrix:
        """e in the principal axes of Σ, shape (b, r)."""
        found: Matrix = (vectors[rows] - mean) @ axes - C[rows] @ M
        return found

    shrinkage = np.ones(C.shape[1])
    maps: dict[int, Matrix] = {}
    for g in np.flatnonzero(C.any(axis=0)).tolist():
        covariance, shrinkage[g] = _shrunk(C[:, g] / C[:, g].sum(), residuals, parts, variances[:kept])
        if shrinkage[g] < 1:
            maps[g] = _inverse_root(covariance) * np.sqrt(variances[:kept])
    changed = np.empty_like(vectors)
    for rows in parts:
        e = residuals(rows)
        moved = e.copy()
        for g, change in maps.items():
            some = np.flatnonzero(C[rows, g])
            moved[some] += C[rows, g][some, None] * (e[some] @ change - e[some])
        changed[rows] = mean + moved @ axes.T
    left = regress @ sum(C[rows].T @ (changed[rows] - mean) for rows in parts)
    for rows in parts:
        changed[rows] -= (C[rows] @ left).astype(np.float32)
    return Whitened(changed, shrinkage)


def _shrunk(
    p: Matrix, residuals: Callable[[slice], Matrix], parts: Sequence[slice], variances: Matrix
) -> tuple[Matrix, float]:
    """Σ̂_g in the axes in which Σ is diagonal, shape (r, r), and λ_g.

    Args:
        p: weights of all items in the group, shape (n,), their sum is 1
        residuals: e of some rows
        parts: all rows
        variances: the diagonal of Σ, shape (r,)
    """
    target, own = np.diag(variances), np.zeros((len(variances), len(variances)))
    size, spread = float(p @ p), 0.0
    for rows in parts:
        some = np.flatnonzero(p[rows])
        e = residuals(rows)[some]
        own += (p[rows][some, None] * e).T @ e
    for rows in parts:
        some = np.flatnonzero(p[rows])
        e = residuals(rows)[some]
        squares = (e**2).sum(axis=1) ** 2 - 2 * ((e @ own) * e).sum(axis=1) + (own**2).sum()
        spread += float(p[rows][some] ** 2 @ squares)
    distance = float(((own - target) ** 2).sum())
    believed = size < 1 - ROUNDING and spread < (1 - size) * distance  # m / (m − 1) is 1 / (1 − Σ p²)
    shrinkage = spread / (1 - size) / distance if believed else 1.0
    return (1 - shrinkage) * own + shrinkage * target, shrinkage


def _inverse_root(covariance: Matrix) -> Matrix:
    """Σ̂^(−½), symmetric; 0 in directions in which it has rounding alone."""
    values, axes = np.linalg.eigh(covariance)
    roots = np.where(values > ROUNDING * values[-1], np.maximum(values, np.finfo(float).tiny) ** -0.5, 0.0)
    return np.asarray((axes * roots) @ axes.T)
