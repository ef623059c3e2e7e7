"""Several objectives at once: who is beaten by nobody, and how much of a plane a method commands."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness.domain.top_k import Values

Maximise = tuple[bool, bool]
"""For each of two objectives, whether more of it is better."""


def pareto_front(points: npt.ArrayLike, maximise: Sequence[bool]) -> npt.NDArray[np.bool_]:
    """Which points no other one dominates, shape (n,).

    p dominates q where it is at least as good in all objectives and better in one (Pareto 1906). Points that are equal
    in all are all on the front or all off it; a single point is on it.

    Args:
        points: shape (n, n_objectives), for example NDCG and CV
        maximise: for each objective, whether more of it is better: (True, False) for NDCG up and CV down

    Raises:
        ValueError: for another shape, or values that are not finite.
    """
    gains = _gains(points, maximise)
    dominated = [((gains >= point).all(axis=1) & (gains > point).any(axis=1)).any() for point in gains]
    return ~np.array(dominated, dtype=np.bool_)


def hypervolume(points: npt.ArrayLike, reference: tuple[float, float], maximise: Maximise) -> float:
    """The area of what some point dominates and what itself dominates the reference point (Zitzler and Thiele 1998).

    Λ(∪ₚ [r, p]) in two dimensions: the sum over the front, ordered by the first gain, of width × height. Points that
    are not better than the reference in both objectives add nothing, nor do repeated or dominated ones; no points give
    0.

    Args:
        points: shape (n, 2), for example NDCG and CV
        reference: the worst that counts, for example NDCG 0 and the CV of ``most_popular``
        maximise: (True, False) for NDCG up and CV down

    Raises:
        ValueError: for another shape, or values that are not finite.
    """
    gains = _gains(points, maximise) - _gains([reference], maximise)
    inside = gains[(gains > 0).all(axis=1)]
    # Ascending in the first gain, and so descending in the second.
    front = np.unique(inside[pareto_front(inside, (True, True))], axis=0)
    widths = np.diff(front[:, 0], prepend=0.0)
    return float(widths @ front[:, 1])


def _gains(points: npt.ArrayLike, maximise: Sequence[bool]) -> Values:
    """The points, turned so that more is better in all objectives."""
    array = np.asarray(points, dtype=np.float64)
    if not array.size:
        return np.empty((0, len(maximise)))
    if array.ndim != 2 or array.shape[1] != len(maximise):
        raise ValueError(f"points of {len(maximise)} objectives are needed, not an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("a point has a value that is not a finite number; leave it out and say so")
    return array * np.where(maximise, 1.0, -1.0)
