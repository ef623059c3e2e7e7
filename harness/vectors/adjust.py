"""What is done to vectors after encoding, always in this order: centre, principal components, whitening, L2 norm.

All of it is fitted on the vectors of the catalogue's items and on nothing else: no interaction is involved, so none of
validation or test.
"""

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput
from harness.spec.options import VectorOptions

Vectors = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float64]

BLOCK = 2**14


def adjust(vectors: Vectors, options: VectorOptions, block: int = BLOCK) -> Vectors:
    """Shape (n, d) to shape (n, d'), float32.

    With the mean μ and the eigenvectors V and eigenvalues λ of the covariance (1/n) Σ (x−μ)(x−μ)ᵀ, λ descending:
    ``centre`` is x−μ, ``pca`` keeps the leading components of Vᵀ(x−μ), ``whiten`` divides each by √λ, and
    ``normalise`` divides a vector by its length, where it has one.

    Args:
        block: rows that are in double precision at once

    Raises:
        BadInput: where the vectors vary in fewer directions than ``pca`` asks for, or in none.
    """
    directions = np.eye(vectors.shape[1])
    mean = np.zeros(vectors.shape[1])
    if options.centre or options.pca or options.whiten:
        mean = vectors.mean(axis=0, dtype=np.float64)
    if options.pca or options.whiten:
        directions = _directions(vectors, mean, options, block)
    elif not options.centre:
        return _normalised(vectors) if options.normalise else vectors
    adjusted = np.empty((len(vectors), directions.shape[1]), dtype=np.float32)
    for start in range(0, len(vectors), block):
        adjusted[start : start + block] = (vectors[start : start + block] - mean) @ directions
    return _normalised(adjusted) if options.normalise else adjusted


def _directions(vectors: Vectors, mean: Matrix, options: VectorOptions, block: int) -> Matrix:
    """What centred vectors are multiplied with, shape (d, d')."""
    variances, axes = principal(vectors, mean, block)
    rank = rank_of(variances)
    if not rank:
        raise BadInput(
            f"encoder: the vectors of these {len(vectors):,} items are all the same: nothing to whiten or keep"
        )
    kept = options.pca or rank
    if kept > rank:
        raise BadInput(
            f"encoder.pca={kept}: the vectors of these {len(vectors):,} items vary in {rank} directions only: "
            f"choose at most {rank}"
        )
    directions = axes[:, :kept]
    return directions / np.sqrt(variances[:kept]) if options.whiten else directions


def principal(vectors: Vectors, mean: Matrix, block: int) -> tuple[Matrix, Matrix]:
    """Variances, descending, shape (d,), and their unit directions as columns, shape (d, d)."""
    covariance = np.zeros((len(mean), len(mean)))
    for start in range(0, len(vectors), block):
        centred = vectors[start : start + block] - mean
        covariance += centred.T @ centred
    variances, axes = np.linalg.eigh(covariance / len(vectors))
    variances, axes = variances[::-1], axes[:, ::-1]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(len(mean))]
    return variances, axes * np.sign(largest)  # a direction's sign is arbitrary: its largest entry is made positive


def rank_of(variances: Matrix) -> int:
    """How many variances are more than rounding of the vectors' 32 bits (relative: (d · 2⁻²³)²)."""
    noise = (len(variances) * float(np.finfo(np.float32).eps)) ** 2
    return int((variances > noise * max(variances[0], 0.0)).sum())


def _normalised(vectors: Vectors) -> Vectors:
    """Vectors of length 1; those of length 0 stay."""
    lengths: Vectors = np.asarray(np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
    lengths[lengths == 0] = 1
    return vectors / lengths
