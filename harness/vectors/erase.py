"""Erasure of groups from vectors: afterwards no linear classifier tells groups apart better than by their sizes."""

import numpy as np
import numpy.typing as npt

from harness.vectors.adjust import BLOCK, Matrix, Vectors

ROUNDING = 1e-4
"""Covariances of whitened vectors with groups that the rounding of vectors to 32 bits may leave."""


def erased(vectors: Vectors, groups: npt.ArrayLike, block: int = BLOCK) -> Vectors:
    """LEACE, the least change of x after which Cov(x, z) = 0 (Belrose et al., NeurIPS 2023, theorem 4.3).

    r(x) = x − W⁺ P W (x − μ),  W = (Σ_xx^½)⁺, P the orthogonal projection onto the columns of W Σ_xz. A covariance of 0
    with z is all that keeps linear classifiers under every convex loss from being better than a constant (theorem 3.1).

    Args:
        vectors: x, shape (n, d)
        groups: z, each item's membership or shares, shape (n, K)
        block: rows that are in double precision at once

    Returns:
        The same shape, float32; as they were where groups and vectors have nothing to do with each other.
    """
    z = np.asarray(groups, dtype=np.float64)
    mean, shares = vectors.mean(axis=0, dtype=np.float64), z.mean(axis=0)
    own, shared = np.zeros((len(mean), len(mean))), np.zeros((len(mean), len(shares)))
    for start in range(0, len(vectors), block):
        rows = slice(start, start + block)
        centred = vectors[rows] - mean
        own += centred.T @ centred
        shared += centred.T @ (z[rows] - shares)
    into, out_of = _directions(own / len(vectors), shared / len(vectors))
    changed = np.empty_like(vectors)
    for start in range(0, len(vectors), block):
        rows = slice(start, start + block)
        changed[rows] = vectors[rows] - (vectors[rows] - mean) @ out_of.T @ into.T
    return changed


def _directions(own: Matrix, shared: Matrix) -> tuple[Matrix, Matrix]:
    """W⁺U and UᵀW, shapes (d, r) and (r, d), U an orthonormal basis of the columns of W Σ_xz."""
    variances, axes = np.linalg.eigh(own)
    noise = (len(variances) * float(np.finfo(np.float32).eps)) ** 2
    kept = variances > noise * max(variances[-1], 0.0)
    axes, deviations = axes[:, kept], np.sqrt(variances[kept])
    white = (axes / deviations) @ (axes.T @ shared)
    columns, sizes, _ = np.linalg.svd(white, full_matrices=False)
    basis = columns[:, sizes > ROUNDING]
    return (axes * deviations) @ (axes.T @ basis), ((axes / deviations) @ (axes.T @ basis)).T
