"""Bayesian personalised ranking: a taken item is to score above one that was not.

Rendle et al., UAI 2009 (arXiv 1205.2618), criterion BPR-Opt:  ℓ_b = −ln σ(x_ui − x_uj), averaged over the row's
negatives j, with an L2 penalty on the vectors that the batch touches.
"""

from __future__ import annotations

from harness.base.late import functional, torch
from harness.models.batches import Batch


def touched(table: torch.Tensor, n_users: int, batch: Batch) -> torch.Tensor:
    """The vectors that the batch touches: of its users, its items, its negatives row by row, shape ((2 + N) B, d).

    All are gathered at once: each gather has a gradient of the whole table's size.

    Args:
        table: vectors of users, then of items, shape (n_users + n_items, d)
    """
    rows = torch.cat([batch.users, n_users + batch.items, n_users + batch.negatives.reshape(-1)])
    return table.index_select(0, rows)


def bpr(vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
    """ℓ, shape (B,), of the vectors that the batch touches."""
    users, items, others = _parts(vectors, batch)
    margins = (users[:, None] * (items[:, None] - others)).sum(dim=2)
    return functional.softplus(-margins).mean(dim=1)


def penalty(vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
    """½ Σ_b (‖e_u‖² + ‖e_i‖² + mean_j ‖e_j‖²) / B of the vectors that the batch touches (He et al. 2020, sec. 3.3)."""
    users, items, others = _parts(vectors, batch)
    return (users.square().sum() + items.square().sum() + others.square().sum() / others.shape[1]) / (2 * len(users))


def penalised(losses: torch.Tensor, l2: float, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The losses' mean and λ times the penalty, which is not looked at where λ = 0: what is minimised."""
    return losses.mean() + l2 * penalty(vectors, batch) if l2 else losses.mean()


def _parts(vectors: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Of users and items, shapes (B, d), and of negatives, shape (B, N, d)."""
    B, N = batch.negatives.shape
    users, items, others = vectors.split([B, B, B * N])
    return users, items, others.view(B, N, -1)
