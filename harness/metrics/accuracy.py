"""Accuracy of top-K lists, per user. Definitions are those of trec_eval.

Notation of the equations: rel_r is 1 where the item at rank r (from 1) is a target of the user, |R| is the number of
the user's targets.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Hits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
PerUser = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A metric of rankings.

    Attributes:
        name: as in metric keys
        direction: which values are better
        equation, reference: what it computes and where it comes from
        per_user: (hits (u, ≥ k), n_relevant (u,), k) → value of each user, shape (u,)
    """

    name: str
    direction: Literal["higher", "lower"]
    equation: str
    reference: str
    per_user: Callable[[Hits, Counts, int], PerUser]


def discounts(k: int) -> npt.NDArray[np.float64]:
    """1/log2(r + 1) for ranks r = 1 … k, shape (k,)."""
    return 1.0 / np.log2(np.arange(2, k + 2))


def recall(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """Share of the user's targets among the first k, shape (u,)."""
    return np.asarray(hits[:, :k].sum(axis=1) / n_relevant)


def ndcg(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """Discounted gain of the first k over that of the best possible list, shape (u,)."""
    discount = discounts(k)
    ideal = np.cumsum(discount)[np.minimum(n_relevant, k) - 1]
    return np.asarray((hits[:, :k] @ discount) / ideal)


def precision(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """Share of targets among the first k, shape (u,)."""
    return np.asarray(hits[:, :k].sum(axis=1) / k)


def hit_rate(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """1 where a target is among the first k, shape (u,)."""
    return np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)


def reciprocal_rank(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """1 / rank of the first target, 0 where none is among the first k, shape (u,)."""
    first = hits[:, :k].argmax(axis=1)
    return np.asarray(hits[:, :k].any(axis=1) / (first + 1.0))


def average_precision(hits: Hits, n_relevant: Counts, k: int) -> PerUser:
    """Precision at each target among the first k, summed, over all targets of the user, shape (u,)."""
    head = hits[:, :k]
    precisions = np.cumsum(head, axis=1) / np.arange(1, k + 1)
    return np.asarray((precisions * head).sum(axis=1) / n_relevant)


_TREC = "trec_eval (Buckley and Voorhees)"

ACCURACY: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("recall", "higher", "Σ_{r≤K} rel_r / |R|", f"{_TREC}: recall_K", recall),
        Metric(
            "ndcg",
            "higher",
            "Σ_{r≤K} rel_r/log2(r+1) / Σ_{r≤min(K,|R|)} 1/log2(r+1)",
            f"Järvelin and Kekäläinen, ACM TOIS 20(4), 2002; {_TREC}: ndcg_cut_K",
            ndcg,
        ),
        Metric("precision", "higher", "Σ_{r≤K} rel_r / K", f"{_TREC}: P_K", precision),
        Metric("hit_rate", "higher", "1 if Σ_{r≤K} rel_r > 0 else 0", f"{_TREC}: success_K", hit_rate),
        Metric("mrr", "higher", "1 / min{r ≤ K: rel_r = 1}, or 0", f"{_TREC}: recip_rank, cut at K", reciprocal_rank),
        Metric(
            "map",
            "higher",
            "Σ_{r≤K} rel_r·(Σ_{s≤r} rel_s / r) / |R|",
            f"{_TREC}: map_cut_K",
            average_precision,
        ),
    )
}
"""Every accuracy metric by name; a run reports the mean over users."""
