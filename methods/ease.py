"""EASE: a linear autoencoder with an empty diagonal, in closed form."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from harness.base.late import sparse, torch
from harness.models.item_to_item import ItemToItem, Weights
from harness.plugins import MethodConfig, SearchRange

MANY = 5000
"""Items from which on it is said beforehand what the solution takes."""
TRIED = 1024
"""Items of the matrix whose inversion says how fast the machine is."""
MOST_BYTES = 20
"""Of each pair of items: XᵀX as a sparse matrix, at most 12, beside the array of 8 that it becomes."""
BLOCK = 1024
"""Rows whose half of the inverse is mirrored at once."""


class EASEConfig(MethodConfig):
    """One number."""

    l2: float = Field(500.0, gt=0, description="λ of the ridge penalty; 500 is the paper's for MovieLens-20M")


class EASE(ItemToItem):
    """min_B ‖X − XB‖² + λ‖B‖² subject to diag(B) = 0 (Steck, WWW 2019, eq. 3 to 8).

    With P = (XᵀX + λI)⁻¹ the solution is B_ij = −P_ij / P_jj for i ≠ j. P needs n_items² numbers and n_items³ time.
    """

    name = "ease"
    summary = "linear item-to-item autoencoder in closed form; a strong baseline without text"
    reference = "Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019, arXiv 1905.03375"
    Config: ClassVar[type[MethodConfig]] = EASEConfig
    config: EASEConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {"l2": SearchRange(1.0, 3000.0, log=True)}

    def foretold(self) -> str:
        """Memory and time, from :data:`MANY` items on."""
        n = self.matrix.shape[1]
        if n < MANY:
            return ""
        trial = 2 * np.eye(TRIED)
        began = time.perf_counter()
        inverse(trial)
        seconds = (time.perf_counter() - began) * (n / TRIED) ** 3
        return (
            f"ease: a matrix of {n:,} × {n:,} items is inverted in one step that tells nothing before it ends: "
            f"at most {MOST_BYTES * n * n / 2**30:.1f} GiB of memory, about {seconds:,.0f} s"
        )

    def solve(self, X: sparse.csr_array) -> dict[str, torch.Tensor]:
        X = X.astype(np.float64)
        gram = (X.T @ X).toarray()
        gram[np.diag_indices_from(gram)] += self.config.l2
        P = inverse(gram)
        P /= -P.diagonal()
        np.fill_diagonal(P, 0.0)
        return {"B": torch.from_numpy(P.astype(np.float32))}

    def weights(self, solution: Mapping[str, torch.Tensor]) -> Weights:
        return solution["B"].numpy()


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Of a symmetric positive definite matrix, in its place: from its Cholesky factor, n³ multiplications in all.

    Raises:
        LinAlgError: where it is not positive definite to working precision.
    """
    from scipy.linalg.lapack import dpotrf, dpotri

    # The transpose of a symmetric matrix is the matrix, in the order of rows and columns that LAPACK has.
    factor, failed = dpotrf(matrix.T, lower=True, overwrite_a=True, clean=False)
    if not failed:
        factor, failed = dpotri(factor, lower=True, overwrite_c=True)
    if failed:
        raise np.linalg.LinAlgError(f"ill-conditioned matrix: not positive definite at row {failed}")
    for start in range(0, len(factor), BLOCK):
        stop = start + BLOCK
        corner = factor[start:stop, start:stop]
        upper = np.triu_indices(len(corner), 1)
        corner[upper] = corner.T[upper]
        factor[start:stop, stop:] = factor[stop:, start:stop].T
    return np.asarray(factor.T)
