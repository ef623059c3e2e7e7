"""Losses of groups: what a batch loses on each, and the weights of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from harness.base.late import torch


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
