"""How far learnt representations Z have moved from the language model's Z₀, and what that did to their meaning."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harness.base.late import torch
from harness.domain.membership import Membership

NEIGHBOURS = 10
FOLDS = 5
RIDGE = 1.0
BLOCK = 2048


def drift(initial: torch.Tensor, learnt: torch.Tensor, membership: Membership) -> dict[str, float]:
    """Distance, neighbourhood and probe figures of Z against Z₀, both of shape (n_items, d_lm)."""
    figures = {
        "distance": float((learnt - initial).norm() / initial.norm()),
        "neighbour_overlap": neighbour_overlap(initial, learnt),
    }
    if membership.side == "item":
        labels = membership.matrix.toarray() > 0
        figures["probe_initial"] = probe_accuracy(initial.double().cpu().numpy(), labels)
        figures["probe_learnt"] = probe_accuracy(learnt.double().cpu().numpy(), labels)
    return figures


def neighbour_overlap(initial: torch.Tensor, learnt: torch.Tensor, k: int = NEIGHBOURS) -> float:
    """Mean share of an item's k nearest neighbours (cosine, itself left out) that it keeps; 1 where nothing moved."""
    k = min(k, len(initial) - 1)
    if k < 1:
        return 1.0
    before, after = _neighbours(initial, k), _neighbours(learnt, k)
    return float((before[:, :, None] == after[:, None, :]).any(dim=2).double().mean())


def probe_accuracy(
    Z: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], folds: int = FOLDS, ridge: float = RIDGE
) -> float:
    """Share of held-out items whose best-scored label under a linear ridge probe is one of theirs.

    Args:
        Z: representations, shape (n, d); standardised with the training folds' mean and one common scale
        labels: shape (n, K), at least one per item
        folds: item i is held out in fold i mod ``folds`` (indices follow a hash, so folds are random and fixed)
        ridge: penalty, in units of the standardised features' variance
    """
    fold = np.arange(len(Z)) % folds
    right = np.zeros(len(Z), dtype=bool)
    for held_out in range(min(folds, len(Z))):
        test = fold == held_out
        mean = Z[~test].mean(axis=0)
        scale = np.sqrt(((Z[~test] - mean) ** 2).mean()) or 1.0
        X = (Z - mean) / scale
        targets = labels[~test].astype(np.float64)
        offset = targets.mean(axis=0)
        gram = X[~test].T @ X[~test] + ridge * np.eye(X.shape[1])
        weights = np.linalg.solve(gram, X[~test].T @ (targets - offset))
        best = (X[test] @ weights + offset).argmax(axis=1)
        right[test] = labels[test, best]
    return float(right.mean())


def _neighbours(Z: torch.Tensor, k: int) -> torch.Tensor:
    """Indices of the k nearest rows, shape (n, k), a block of rows at a time."""
    unit = torch.nn.functional.normalize(Z, dim=1)
    found = []
    for start in range(0, len(unit), BLOCK):
        similarity = unit[start : start + BLOCK] @ unit.T
        own = torch.arange(start, start + len(similarity), device=Z.device)
        similarity[own - start, own] = -torch.inf
        found.append(similarity.topk(k, dim=1).indices)
    return torch.cat(found)
