"""Unconflicting projection of gradients."""

from __future__ import annotations

import numpy as np

from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals

# Added to the diagonal of the Gram matrix, relative to its trace, so that the weights are unique (as in TorchJD).
RIDGE = 1e-4


class UpGrad(Balancer):
    """w = (1/K) Σ_i v_i,  v_i = argmin_{v ≥ e_i} vᵀMv  (Quinton & Rey 2024, arXiv 2406.16232, section 3, Prop. 1).

    Gᵀv_i is group i's gradient projected onto the dual cone of all of them, {d : Gd ≥ 0}: along −Gᵀw no group ascends
    to first order, and every group keeps an influence in proportion to its gradient's norm. Balancers give weights that
    sum to 1, so w is divided by its sum: the paper's direction, of another length (which Adam undoes).
    """

    name = "upgrad"
    summary = "mean of the group gradients, each projected so that it conflicts with none (Quinton & Rey 2024)"

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        present = signals.present.nonzero().squeeze(1)
        weights = torch.zeros_like(signals.losses)
        if len(present):
            M = signals.gram.index_select(0, present).index_select(1, present)
            w = torch.from_numpy(upgrad(M.cpu().numpy())).to(weights.device)
            weights[present] = w / w.sum()
        return weights


def upgrad(M: np.ndarray) -> np.ndarray:
    """UPGrad's weights of a Gram matrix, each at least 1/K, shape (K,) for M of shape (K, K).

    With v = e_i + y and M = AᵀA the projection is a non-negative least-squares problem: min_{y ≥ 0} ‖A y + A e_i‖².
    A matrix that was smoothed over batches in which groups were absent may be slightly indefinite: negative eigenvalues
    count as 0.
    """
    from scipy.optimize import nnls

    K = len(M)
    eigenvalues, V = np.linalg.eigh(M)
    eigenvalues = eigenvalues.clip(min=0)
    scale = eigenvalues.sum() or 1.0
    A = np.sqrt(eigenvalues / scale + RIDGE)[:, None] * V.T
    return np.mean([np.eye(K)[i] + nnls(A, -A[:, i])[0] for i in range(K)], axis=0)
