"""InfoNCE against sampled negatives: the rows' losses, and the scores they need, cheaply.

AlphaRec (Sheng et al. 2025, eq. 6):  ℓ_b = −log [ exp(s_b0/τ) / Σ_{j=0..N} exp(s_bj/τ) ],  s_b0 the score of the item
taken, s_b1 … s_bN those of the negatives, s the cosine (factors are normalised).
"""

from __future__ import annotations

from typing import NamedTuple

from harness.base.late import torch
from harness.models.alpharec import Factors
from harness.models.batches import Batch


def info_nce(factors: Factors, batch: Batch, temperature: float) -> torch.Tensor:
    """ℓ, shape (B,), differentiable any number of times."""
    return info_nce_of(scores(factors, batch), temperature)


def info_nce_of(scores: torch.Tensor, temperature: float) -> torch.Tensor:
    """ℓ, shape (B,), of scores (B, 1 + N), those of the items taken in column 0."""
    from harness.models.info_nce import InfoNCE

    return InfoNCE.apply(scores, temperature)  # type: ignore[no-untyped-call]


class Softened(NamedTuple):
    """Losses and the softmax over each row's scores, in parts.

    Attributes:
        losses: ℓ, shape (B,)
        exponentials: exp(s/τ − the row's greatest), shape (B, 1 + N)
        totals: their sums, shape (B,)
    """

    losses: torch.Tensor
    exponentials: torch.Tensor
    totals: torch.Tensor


def softened(scores: torch.Tensor, temperature: float) -> Softened:
    """Losses and softmax of scores, shape (B, 1 + N), with one exponential of each; not differentiable."""
    logits = scores / temperature
    greatest = logits.amax(dim=1)
    taken = logits[:, 0] - greatest
    exponentials = logits.sub_(greatest[:, None]).exp_()
    totals = exponentials.sum(dim=1)
    return Softened(totals.log() - taken, exponentials, totals)


def gradient_by_score(
    by_loss: torch.Tensor, exponentials: torch.Tensor, totals: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Σ_b g_b ∂ℓ_b/∂s = (softmax − onehot_0)·g/τ, shape (B, 1 + N), for g of shape (B,)."""
    by_loss = by_loss / temperature
    gradient = exponentials * (by_loss / totals)[:, None]
    gradient[:, 0] -= by_loss
    return gradient


def scores(factors: Factors, batch: Batch) -> torch.Tensor:
    """Scores of the item taken (column 0) and of the negatives, shape (B, 1 + N).

    Exactly those that are asked for: gathering their B·N item vectors would move d times as much memory, and a dense
    user × item product would compute a catalogue's worth of scores that nobody looks at.
    """
    return batch.pattern.scores(factors.users.index_select(0, batch.users), factors.items)
