"""The entropy of a distribution of losses over groups, and the direction in which it rises."""

from __future__ import annotations

from harness.base.late import torch


def loss_distribution(losses: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """p_k = L_k / Σ_j L_j over the present groups (0 elsewhere), shape (K,); losses are positive."""
    losses = losses.masked_fill(~present, 0.0)
    return losses / losses.sum()


def entropy(p: torch.Tensor) -> torch.Tensor:
    """H(p) = −Σ p log p, with 0 log 0 = 0."""
    return torch.special.entr(p).sum()


def excess(losses: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """a_k = log p_k + H(p), shape (K,); 0 for groups that are not present.

    ∂H(p)/∂L_j = −a_j / ΣL, so lowering the losses along a raises the entropy fastest; a_k > 0 for the groups that lose
    more than their share.
    """
    p = loss_distribution(losses, present)
    safe = torch.where(present, p, torch.ones_like(p))
    return torch.where(present, safe.log() + entropy(p), torch.zeros_like(p))
