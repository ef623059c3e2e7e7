"""Calibration against the objective written out, item after item."""

import numpy as np
import pytest
import torch

from harness.builtin.rerankers.calibrated import CalibratedConfig
from harness.domain.membership import Membership
from harness.domain.ranking import top
from harness.evaluation.reranking import Reranking


def lists_of(scores: np.ndarray, membership: Membership, k: int, **options: float) -> list[list[int]]:
    begun = Reranking(CalibratedConfig(name="calibrated", **options), membership, k).begin()
    return begun(torch.as_tensor(scores, dtype=torch.float32), k).tolist()


def objective(chosen: list[int], scores: np.ndarray, C: np.ndarray, lam: float, alpha: float) -> float:
    """(1 − λ) Σ score − λ KL(p‖(1 − α) q + α p), p of what is masked."""
    p, q = C[np.isinf(scores)].mean(axis=0), C[chosen].mean(axis=0)
    smooth = (1 - alpha) * q + alpha * p
    divergence = sum(a * np.log(a / b) for a, b in zip(p, smooth, strict=True) if a > 0)
    return float((1 - lam) * scores[chosen].sum() - lam * divergence)


@pytest.mark.parametrize("seed", range(20))
def test_each_item_is_the_one_that_gains_most(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = [[g for g in "abc" if rng.random() < 0.5] or ["d"] for _ in range(10)]
    membership = Membership.from_labels("drawn", "item", labels, "abcd")
    scores = np.float32(rng.random((4, 10))).astype(float)
    scores[:, :3][rng.random((4, 3)) < 0.7] = -np.inf
    scores[:, 3] = -np.inf
    lam, alpha = 0.8, 0.05
    for row, items in zip(scores, lists_of(scores, membership, 5, lam=lam, smoothing=alpha), strict=True):
        chosen: list[int] = []
        for _ in range(5):
            left = [i for i in np.flatnonzero(np.isfinite(row)) if i not in chosen]
            shares = membership.shares.toarray()
            chosen.append(int(max(left, key=lambda i: objective([*chosen, i], row, shares, lam, alpha))))
        assert items == chosen


def test_seventy_to_thirty() -> None:
    """Steck's example: who took seven romances and three action films is shown as many of each."""
    labels = [["romance"]] * 7 + [["action"]] * 3 + [["romance"]] * 20 + [["action"]] * 20
    scores = np.concatenate([np.full(10, -np.inf), np.linspace(2, 1, 20), np.linspace(1, 0.9, 20)])[None]
    membership = Membership.from_labels("films", "item", labels)
    plain, calibrated = (lists_of(scores, membership, 10, lam=lam)[0] for lam in (0.0, 0.999))
    assert sum(item < 30 for item in plain) == 10
    assert sum(item < 30 for item in calibrated) == 7


def test_somebody_without_history_has_nothing_to_be_calibrated_to() -> None:
    scores = np.random.default_rng(0).random((3, 6))
    membership = Membership.from_labels("ab", "item", [["a"], ["b"]] * 3)
    expected = top(torch.as_tensor(scores, dtype=torch.float32), 4).tolist()
    assert lists_of(scores, membership, 4, lam=0.99) == expected
