"""Popularity deconfounding and adjusting: the popularity that is wanted comes back when lists are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from harness.methods.pd import PD, PDConfig, matching
from pydantic import Field

from harness.base.late import torch
from harness.plugins import MethodConfig, SearchRange

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class PDAConfig(PDConfig):
    """How much popularity is wanted."""

    adjust: float = Field(0.1, ge=0, le=2, description="γ̃: exponent of popularity in the scores; 0 is pd")


class PDA(PD):
    """PD, whose scores are elu'(f_ui) · m̃_i^γ̃ (Zhang et al. 2021).

    m̃ is the popularity that is wanted where lists are shown. The paper predicts it from that of earlier periods;
    training data are not ordered here, so m̃ = m, the forecast without a trend.
    """

    name = "pda"
    summary = "pd, with popularity injected again into the scores"
    family = ""
    side = ""
    Config: ClassVar[type[MethodConfig]] = PDAConfig
    config: PDAConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {**PD.search_space, "adjust": SearchRange(0.02, 0.5, log=True)}

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self._adjusted(super().score(users))

    def vectors(self) -> None:
        """None: its scores are no products."""

    def score_histories(self, histories: csr_array) -> torch.Tensor | None:
        new = self.user_vectors(histories)
        return None if new is None else self._adjusted(new @ self._cached_factors().items.T)

    def _adjusted(self, scores: torch.Tensor) -> torch.Tensor:
        shift = 1.0 if self.config.criterion == "info_nce" else 0.0
        return matching((scores - shift) / self.config.temperature) * (self.config.adjust * self.log_m).exp()
