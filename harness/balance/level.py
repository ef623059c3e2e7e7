"""One level of a training: a group-weighted loss F = Σ_k w_k L_k, its weights and its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.balance.group_gradients import group_gradients
from harness.balance.weighting import GroupWeighting
from harness.base.changing import Changing
from harness.base.late import torch
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.group_losses import GroupLosses, group_losses, row_weights
from harness.models.losses import info_nce


@dataclass(frozen=True)
class Balanced:
    """F = Σ_k w_k L_k on one batch, with w held fixed.

    Attributes:
        losses: the groups' losses, masses and rows
        weights: w, shape (K,), float64
        row_weights: ω, shape (B,): F = Σ_b ω_b ℓ_b
        gradients: ∇F with respect to what was asked for
        ascending: share of the present groups whose loss rises to first order along −∇F; None where not known
    """

    losses: GroupLosses
    weights: torch.Tensor
    row_weights: torch.Tensor
    gradients: tuple[torch.Tensor, ...]
    ascending: torch.Tensor | None


@dataclass(frozen=True)
class Level(Changing):
    """Computes F and its gradients, under weights that follow the groups.

    Attributes:
        weighting: balancer, smoothing, mixing
        temperature: τ of InfoNCE
    """

    changes: ClassVar[tuple[str, ...]] = ("weighting",)

    weighting: GroupWeighting
    temperature: float

    def balance(
        self,
        factors: Factors,
        batch: Batch,
        shares: torch.Tensor,
        wanted: tuple[torch.Tensor, ...],
        gram_of: torch.Tensor | None = None,
    ) -> Balanced:
        """Refresh w where due, and ∇F with respect to ``wanted``.

        The groups' gradients at the final factors come first; their weighted sum is then carried back once.

        Args:
            factors: final factors, with their history
            batch, shares: rows and their membership C (B, K)
            wanted: tensors in the factors' history
            gram_of: the tensor in the factors' history that the Gram matrix is of; None: the final factors as the
                backbone computes them, before the loss normalises them
        """
        if not (self.weighting.due and self.weighting.balancer.needs_gradients):
            return self._without_group_gradients(factors, batch, shares, wanted)
        present = self.weighting.columns(shares)
        grouped, G = group_gradients(factors, batch, shares, self.temperature, present.shares)
        gram = G.gram() if gram_of is None else _gram_at(factors.stacked, gram_of, G.dense())
        w = self.weighting.refresh(grouped, present.own(gram))
        by_column = present.weights(w).to(gram.dtype)
        gradients = torch.autograd.grad(factors.stacked, wanted, G.weighted(by_column))
        P = len(present.groups)
        ascending = (gram[:P] @ by_column < 0).sum() / max(P, 1)
        return Balanced(grouped, w, row_weights(w, shares, grouped.mass), gradients, ascending)

    def _without_group_gradients(
        self, factors: Factors, batch: Batch, shares: torch.Tensor, wanted: tuple[torch.Tensor, ...]
    ) -> Balanced:
        losses = info_nce(factors, batch, self.temperature)
        grouped = group_losses(losses.detach(), shares)
        w = self.weighting.refresh(grouped, None) if self.weighting.due else self.weighting.current()
        omega = row_weights(w, shares, grouped.mass)
        return Balanced(grouped, w, omega, torch.autograd.grad(omega @ losses, wanted), None)


def _gram_at(output: torch.Tensor, source: torch.Tensor, G: torch.Tensor) -> torch.Tensor:
    """The Gram matrix of group gradients at ``source``, carried back from ``output``: K backward passes, (K, K)."""
    carried = torch.stack([torch.autograd.grad(output, source, g, retain_graph=True)[0].flatten() for g in G])
    return carried @ carried.T
