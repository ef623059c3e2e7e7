"""What group gradients are compared at: their lengths as they are, or their directions alone."""

from __future__ import annotations

from typing import Literal

from harness.base.late import torch

GramScale = Literal["common", "own"]


def cosines(gram: torch.Tensor) -> torch.Tensor:
    """M_kl / √(M_kk M_ll), shape (K, K): the Gram matrix of gradients of length 1 (0 where a gradient is 0).

    The gradient of a group's n rows in a batch is noisy: E‖ĝ_k‖² = ‖g_k‖² + σ²/n_k. Where the noise is most of it, as
    late in a training, a rule that minimises ½ wᵀMw over M with a common scale weighs groups by their numbers of rows,
    w_k ∝ n_k, and hears small groups least. Directions alone have no such preference: without a common direction their
    minimum is at equal weights. (Sener & Koltun 2018 divide by the norm likewise in their public code.)
    """
    lengths = gram.diagonal().clamp(min=0).sqrt()
    inverse = torch.where(lengths > 0, 1 / lengths, 0.0)
    return gram * inverse[:, None] * inverse
