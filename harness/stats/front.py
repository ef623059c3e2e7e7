"""Two objectives at once: who is beaten by nobody, and how much of the plane a method commands."""

import numpy as np
import numpy.typing as npt

from harness.domain.top_k import Values

Maximise = tuple[bool, bool]
"""For each objective, whether more of it is better."""


def pareto_front(points: npt.ArrayLike, maximise: Maximise) -> npt.NDArray[np.bool_]:
    """Which points no other one dominates, shape (n,).

    p dominates q where it is at least as good in both objectives and better in one (Pareto 1906). Points that are equal
    in both are both on the front or both off it; a single point is on it.

    Args:
        points: shape (n, 2), for example NDCG and CV
        maximise: (True, False) for NDCG up and CV down

    Raises:
        ValueError: for another shape, or values that are not finite.
    """
    gains = _gains(points, maximise)
    order = np.lexsort((-gains[:, 1], -gains[:, 0]))  # best first objective first; among equals the best second one
    first, second = gains[order].T
    best = np.maximum.accumulate(second) if len(second) else second
    # Better in the first objective come strictly before: a later point must surpass all of them in the second.
    starts = np.searchsorted(-first, -first, side="left")
    before = np.concatenate([[-np.inf], best])[starts]
    leading = second[starts] if len(second) else second
    front = np.empty(len(gains), dtype=bool)
    front[order] = (second > before) & (second == leading)
    return front


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


def _gains(points: npt.ArrayLike, maximise: Maximise) -> Values:
    """The points, turned so that more is better in both objectives."""
    array = np.asarray(points, dtype=np.float64)
    if not array.size:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"points of two objectives are needed, not an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("a point has a value that is not a finite number; leave it out and say so")
    return array * np.where(maximise, 1.0, -1.0)
