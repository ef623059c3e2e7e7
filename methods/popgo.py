"""A shortcut model that knows popularity alone, and a recommender that learns what it does not explain."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import ClassVar

import numpy as np
from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import functional, torch
from harness.models.adam import adam
from harness.models.batches import Batch, BatchSampler
from harness.models.gradient_step import follow, remember
from harness.models.losses import info_nce_of
from harness.models.recommender import RecommenderConfig
from harness.plugins import EpochReport, MethodConfig, Problem, SearchRange


class PopGoConfig(RecommenderConfig):
    """The shortcut model, and a temperature for cosines that it shrinks."""

    temperature: float = Field(0.07, gt=0, description="τ of InfoNCE, on cosines times degrees between 0 and 1")
    shortcut_temperature: float = Field(0.1, gt=0, description="τ of the shortcut model's InfoNCE")
    shortcut_steps: int = Field(
        150, ge=0, le=1_000_000, description="steps of the shortcut model, all before the first step of θ"
    )
    shortcut_rate: float = Field(
        1e-2, gt=0, description="of Adam on the shortcut model; the authors' 1e-3 needs thousands of steps"
    )


class PopGo(AlphaRec):
    """min_θ mean_b −ln [ exp(s_b0 σ(b_b0)/τ) / Σ_j exp(s_bj σ(b_bj)/τ) ], and s alone recommends (Zhang et al. 2024).

    s are AlphaRec's cosines; b_ui = ⟨p_u, q_i⟩ is the shortcut model, whose vectors belong to numbers of interactions:
    users who took as many items share p, items that were taken as often share q. It is learnt first, by InfoNCE on the
    cosines of p and q, then kept (σ(b) is the shortcut degree of a pair): a pair that popularity explains has a
    greater logit already, so that θ need not. As in the authors' code, which takes the inner product for the degree and
    Glorot's normal initial vectors; its penalty on the vectors is left out, as AlphaRec has none.
    """

    name = "popgo"
    summary = "InfoNCE on scores times a shortcut degree that a model of popularity alone gives each pair"
    reference = (
        "Zhang et al., Robust Collaborative Filtering to Popularity Distribution Shift, TOIS 2024, arXiv 2310.10696"
    )
    family = "in"
    side = "item"
    Config: ClassVar[type[MethodConfig]] = PopGoConfig
    config: PopGoConfig
    changes = ("degrees",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **AlphaRec.search_space,
        "temperature": SearchRange(0.04, 0.15, log=True),
        "shortcut_temperature": SearchRange(0.05, 0.3, log=True),
    }

    degrees: torch.Tensor | None
    """σ(b) of the users' levels of popularity and the items', (levels of users, levels of items); None: not learnt."""

    @classmethod
    def first_stage(cls, config: PopGoConfig) -> tuple[str, int]:
        return "shortcut_batches", config.shortcut_steps

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        training, generator = problem.training, problem.streams.generator("init", "shortcut")
        self.user_levels = self._levels(training.users, training.n_users)
        self.item_levels = self._levels(training.items, training.n_items)
        self.P = self._vectors(self.user_levels, generator)
        self.Q = self._vectors(self.item_levels, generator)
        order, negatives = problem.streams.generator("shortcut"), problem.streams.generator("shortcut", "negatives")
        batch_size, n_negatives = self.config.batch_size, self.config.negatives
        self.shortcut_batches = BatchSampler(training, training, batch_size, n_negatives, order, negatives)
        self.degrees = None

    def train_epoch(self) -> EpochReport:
        if self.degrees is None:
            self._learn_shortcut()
            self.degrees = torch.sigmoid(self.P @ self.Q.T)
        return super().train_epoch()

    def _levels(self, column: np.ndarray, n: int) -> torch.Tensor:
        """The rank of everybody's number of interactions among the numbers that there are, shape (n,)."""
        ranks = np.unique(np.bincount(column, minlength=n), return_inverse=True)[1]
        return torch.as_tensor(ranks, device=self.device)

    def _vectors(self, levels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """One vector of each level."""
        size = (int(levels.max()) + 1, self.config.dim)
        normal = torch.randn(size, generator=generator, device=self.device, dtype=torch.float64)
        return (normal * (2 / sum(size)) ** 0.5).to(self.dtype)

    def _learn_shortcut(self) -> None:
        learnt = [self.P, self.Q]
        optimizer = adam(learnt, lr=self.config.shortcut_rate, foreach=False)
        for batch in islice(self.shortcut_batches.forever(), self.config.shortcut_steps):
            remember(learnt)
            cosines = functional.normalize(self.P, dim=1) @ functional.normalize(self.Q, dim=1).T
            losses = info_nce_of(self._of_pairs(cosines, batch), self.config.shortcut_temperature)
            follow(losses.mean(), learnt, optimizer)

    def _of_pairs(self, by_levels: torch.Tensor, batch: Batch) -> torch.Tensor:
        """A value of each pair of levels, for the rows' users and what they are scored against, shape (B, 1 + N)."""
        users = self.user_levels.index_select(0, batch.users) * by_levels.shape[1]
        places = users[:, None] + batch.pattern.spread(self.item_levels)
        return by_levels.view(-1).index_select(0, places.view(-1)).view(places.shape)

    def _losses(self, scores: torch.Tensor, batch: Batch) -> torch.Tensor:
        assert self.degrees is not None
        return info_nce_of(scores * self._of_pairs(self.degrees, batch), self.config.temperature)
