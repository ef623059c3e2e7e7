"""Popularity deconfounding: popularity explains a part of the training data, and recommends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import functional, torch
from harness.domain.interactions import Interactions
from harness.models.batches import Batch
from harness.models.losses import info_nce_of
from harness.models.recommender import RecommenderConfig
from harness.plugins import MethodConfig, Problem, SearchRange
from harness.plugins.protocols.intervention import Family, ServedSide


class PDConfig(RecommenderConfig):
    """How much popularity explains, and the criterion."""

    gamma: float = Field(0.1, ge=0, le=2, description="γ: exponent of popularity while training; 0: none")
    criterion: Literal["bpr", "info_nce"] = Field(
        "bpr", description="the paper's, of pairs, or AlphaRec's own loss of the same probabilities"
    )


class PD(AlphaRec):
    """P(c=1 | u, i, m) ∝ elu'(f_ui) · m_i^γ is fitted, and f alone recommends (Zhang et al. 2021).

    elu'(f) = exp(f) for f ≤ 0, else 1 + f, and m_i = (D_i + 1) / (max_j D_j + 1) for D_i interactions in training: one
    period, since training data are not ordered here (the authors' m is of the interaction's period, smoothed in the
    same way, with the least popular item at 0).
    ``bpr``: −ln σ(elu'(f_ui) m_i^γ − elu'(f_uj) m_j^γ), the mean over the negatives, with f = s/τ for cosines s.
    ``info_nce``, our reading, which leaves AlphaRec's training as it is: the taken item's share of the probabilities
    of the row's items. There f = (s − 1)/τ ≤ 0, so elu'(f) m^γ = exp((s − 1)/τ + γ ln m), and γ = 0 is AlphaRec.
    """

    name = "pd"
    summary = "popularity deconfounding: popularity explains training data and is left out of the scores"
    reference = (
        "Zhang et al., Causal Intervention for Leveraging Popularity Bias in Recommendation, SIGIR 2021, "
        "arXiv 2105.06067"
    )
    family: ClassVar[Family] = "in"
    side: ClassVar[ServedSide] = "item"
    Config: ClassVar[type[MethodConfig]] = PDConfig
    config: PDConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **AlphaRec.search_space,
        "gamma": SearchRange(0.02, 0.5, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.log_m = torch.as_tensor(np.log(popularity(problem.training)), dtype=self.dtype, device=self.device)

    def _losses(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        explained = self.config.gamma * batch.pattern.spread(self.log_m)
        if self.config.criterion == "info_nce":
            return info_nce_of(scores + self.config.temperature * explained, self.config.temperature)
        return pairwise(matching(scores / self.config.temperature) * explained.exp(), torch.isneginf(scores[:, 1:]))


def popularity(training: Interactions) -> np.ndarray:
    """m, shape (n_items,), in (0, 1]."""
    D = np.bincount(training.items, minlength=training.n_items)
    m: np.ndarray = (D + 1) / (D.max() + 1)
    return m


def matching(f: torch.Tensor) -> torch.Tensor:
    """elu'(f) > 0, of f's shape."""
    return functional.elu(f) + 1


def pairwise(P: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """−ln σ(P_b0 − P_bj), shape (B,), the mean over the columns j = 1 … N of P that are not ``hidden`` (B, N)."""
    losses = functional.softplus(P[:, 1:] - P[:, :1]).masked_fill(hidden, 0)
    return losses.sum(dim=1) / (~hidden).sum(dim=1).clamp(min=1)
