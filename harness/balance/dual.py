"""The dual variables of max-min fairness (Xu et al., P-MMF, WWW 2023; FairDual, ICLR 2025)."""

from __future__ import annotations

from harness.base.late import torch


def project(mu: torch.Tensor, gamma: torch.Tensor, lam: float) -> torch.Tensor:
    """The point of M = {μ : Σ_{k∈S} γ_kμ_k ≥ −λ for every set S of groups} nearest to μ in ‖γ(·)‖₂, shape (K,).

    The worst set holds the negative entries of x = γμ, so M says that they sum to −λ or more; equivalently that every
    prefix of x in ascending order does, which is how the authors pass it to a convex solver. Positive entries stay, and
    the negative ones are projected onto a simplex of size λ: x_k → min(x_k + τ, 0), with τ ≥ 0 as small as possible.

    Args:
        mu: μ, shape (K,)
        gamma: γ, positive, shape (K,)
        lam: λ ≥ 0
    """
    x = gamma * mu
    deficit = (-x).clamp(min=0)
    if float(deficit.sum()) <= lam:
        return mu
    descending = deficit.sort(descending=True).values
    counts = torch.arange(1, len(x) + 1, dtype=x.dtype, device=x.device)
    thresholds = (descending.cumsum(0) - lam) / counts
    kept = (descending > thresholds).nonzero()
    tau = thresholds[kept[-1, 0]] if len(kept) else descending[0]
    return torch.where(x < 0, (x + tau).clamp(max=0), x) / gamma
