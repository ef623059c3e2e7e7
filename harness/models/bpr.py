"""Bayesian personalised ranking: a taken item is to score above one that was not.

Rendle et al., UAI 2009 (arXiv 1205.2618), criterion BPR-Opt:  ℓ_b = −ln σ(x_ui − x_uj), averaged over the row's
negatives j, with an L2 penalty on the vectors that the batch touches.
"""

from __future__ import annotations

from harness.base.late import functional, torch
from harness.models.alpharec import Factors
from harness.models.batches import Batch


def bpr(factors: Factors, batch: Batch) -> torch.Tensor:
    """ℓ, shape (B,)."""
    users = factors.users.index_select(0, batch.users)
    taken = (users * factors.items.index_select(0, batch.items)).sum(dim=1)
    others = factors.items.index_select(0, batch.negatives.reshape(-1)).view(*batch.negatives.shape, -1)
    margins = taken[:, None] - torch.einsum("bd,bnd->bn", users, others)
    return functional.softplus(-margins).mean(dim=1)


def touched_norm(table: torch.Tensor, n_users: int, batch: Batch) -> torch.Tensor:
    """½ Σ_b (‖e_u‖² + ‖e_i‖² + mean_j ‖e_j‖²) / B on a table of vectors, users first (He et al. 2020, section 3.3)."""
    B, N = batch.negatives.shape
    users = table.index_select(0, batch.users)
    items = table.index_select(0, n_users + batch.items)
    others = table.index_select(0, n_users + batch.negatives.reshape(-1))
    return (users.square().sum() + items.square().sum() + others.square().sum() / N) / (2 * B)
