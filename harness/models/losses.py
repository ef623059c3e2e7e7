"""InfoNCE against sampled negatives: the rows' losses, and the scores they need, cheaply.

AlphaRec (Sheng et al. 2025, eq. 6):  ℓ_b = −log [ exp(s_b0/τ) / Σ_{j=0..N} exp(s_bj/τ) ],  s_b0 the score of the item
taken, s_b1 … s_bN those of the negatives, s the cosine (factors are normalised).
"""

import torch

from harness.models.alpharec import Factors
from harness.models.batches import Batch

# Above so many user × item scores, vectors are gathered row by row instead of taking scores from a dense matrix.
LARGEST_SCORE_MATRIX = 100_000_000


def info_nce(factors: Factors, batch: Batch, temperature: float) -> torch.Tensor:
    """ℓ, shape (B,), differentiable any number of times."""
    logits = scores(factors, batch) / temperature
    return torch.logsumexp(logits, dim=1) - logits[:, 0]


def scores(factors: Factors, batch: Batch) -> torch.Tensor:
    """Scores of the item taken (column 0) and of the negatives, shape (B, 1 + N).

    One user × item product and a selection from it: with 256 negatives a row nearly every item is wanted by somebody,
    and gathering B·N item vectors would move d times as much memory.
    """
    columns = torch.cat([batch.items[:, None], batch.negatives], dim=1)
    users, rows = torch.unique(batch.users, return_inverse=True)
    n_items = len(factors.items)
    if len(users) * n_items > LARGEST_SCORE_MATRIX:
        return _gathered(factors, batch.users, columns)
    matrix = factors.users.index_select(0, users) @ factors.items.T
    chosen = (rows[:, None] * n_items + columns).reshape(-1)
    return matrix.reshape(-1).index_select(0, chosen).view(columns.shape)


def _gathered(factors: Factors, users: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """The same for catalogues whose score matrix would not fit."""
    per_row = factors.items.index_select(0, columns.reshape(-1)).view(*columns.shape, -1)
    return torch.einsum("bd,bnd->bn", factors.users.index_select(0, users), per_row)
