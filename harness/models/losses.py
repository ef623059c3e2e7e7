"""InfoNCE against sampled negatives: the rows' losses, and the scores they need, cheaply.

AlphaRec (Sheng et al. 2025, eq. 6):  ℓ_b = −log [ exp(s_b0/τ) / Σ_{j=0..N} exp(s_bj/τ) ],  s_b0 the score of the item
taken, s_b1 … s_bN those of the negatives, s the cosine (factors are normalised).
"""

import torch

from harness.models.alpharec import Factors
from harness.models.batches import Batch


def info_nce(factors: Factors, batch: Batch, temperature: float) -> torch.Tensor:
    """ℓ, shape (B,), differentiable any number of times."""
    logits = scores(factors, batch) / temperature
    return torch.logsumexp(logits, dim=1) - logits[:, 0]


def scores(factors: Factors, batch: Batch) -> torch.Tensor:
    """Scores of the item taken (column 0) and of the negatives, shape (B, 1 + N).

    Exactly those that are asked for: gathering their B·N item vectors would move d times as much memory, and a dense
    user × item product would compute a catalogue's worth of scores that nobody looks at.
    """
    return batch.pattern.scores(factors.users.index_select(0, batch.users), factors.items)
