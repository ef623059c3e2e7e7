"""Losses of groups, and their gradients with respect to the final factors, from one pass.

The gradient of a row's InfoNCE loss with respect to the scores is closed: (softmax(s_b/τ) − onehot_0)/τ. A group's
gradient is a weighted sum of its rows' gradients, so all K of them are one partition of one backward pass instead of K
backward passes (MGDA-UB's argument, Sener & Koltun 2018, section 3.3: gradients at the shared representation suffice).
"""

from dataclasses import dataclass

import torch

from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import scores


@dataclass(frozen=True)
class GroupLosses:
    """A batch seen by groups.

    Attributes:
        losses: L_k = Σ_b C_bk ℓ_b / Σ_b C_bk, shape (K,); 0 where a group has no rows
        mass: n_k = Σ_b C_bk, shape (K,)
        rows: rows of the batch with a share in the group, shape (K,)
    """

    losses: torch.Tensor
    mass: torch.Tensor
    rows: torch.Tensor


def group_losses(row_losses: torch.Tensor, shares: torch.Tensor) -> GroupLosses:
    """L_k from ℓ (B,) and the batch's membership C (B, K)."""
    mass = shares.sum(dim=0)
    return GroupLosses((row_losses @ shares) / mass.clamp(min=1e-12), mass, (shares > 0).sum(dim=0))


def row_weights(weights: torch.Tensor, shares: torch.Tensor, mass: torch.Tensor) -> torch.Tensor:
    """ω_b = Σ_k w_k C_bk / n_k, shape (B,), with which Σ_k w_k L_k = Σ_b ω_b ℓ_b."""
    return shares @ (weights.to(shares.dtype) / mass.clamp(min=1e-12))


def group_gradients(
    factors: Factors, batch: Batch, shares: torch.Tensor, temperature: float
) -> tuple[GroupLosses, torch.Tensor]:
    """Group losses and G, the groups' gradients at the final factors.

    Args:
        factors: final factors, (n_users + n_items, d); taken as constants
        batch: B rows
        shares: C of the batch's rows, shape (B, K), rows sum to 1
        temperature: τ of InfoNCE

    Returns:
        losses, and G of shape (K, n_users + n_items, d).
    """
    factors = factors.detached()
    logits = scores(factors, batch) / temperature
    log_sum = torch.logsumexp(logits, dim=1)
    grouped = group_losses(log_sum - logits[:, 0], shares)

    n_items = len(factors.items)
    by_score = torch.exp_(logits - log_sum[:, None]).div_(temperature)
    by_score[:, 0] -= 1 / temperature
    columns = torch.cat([batch.items[:, None], batch.negatives], dim=1)
    by_item = torch.zeros(len(batch.users), n_items, dtype=logits.dtype, device=logits.device)
    by_item.scatter_add_(1, columns, by_score)  # ∂ℓ_b/∂s_bi, shape (B, n_items)

    user_rows = factors.users.index_select(0, batch.users)
    by_user_factor = by_item @ factors.items  # ∂ℓ_b/∂(the user's factor), shape (B, d)
    G = torch.zeros(shares.shape[1], *factors.stacked.shape, dtype=logits.dtype, device=logits.device)
    scaled = shares / grouped.mass.clamp(min=1e-12)
    for k in range(shares.shape[1]):
        rows = scaled[:, k].nonzero().squeeze(1)
        c = scaled[rows, k, None]
        G[k].index_add_(0, batch.users[rows], c * by_user_factor.index_select(0, rows))
        torch.mm(by_item.index_select(0, rows).T, c * user_rows.index_select(0, rows), out=G[k, factors.n_users :])
    return grouped, G
