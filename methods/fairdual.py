"""Max-min fair exposure by dual optimisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.balance.dual import project
from harness.balance.group_weighted import Rows, RowWeighted
from harness.base.late import torch
from harness.base.sizes import Size
from harness.domain.items_alone import require_items
from harness.models.recommender import EpochMeans, RecommenderConfig
from harness.plugins import EpochReport, Problem, SearchRange


class FairDualConfig(RecommenderConfig):
    """Lists that exposure is measured on, and the dual variables' descent."""

    propagation: Literal["exact"] = Field("exact", description="lists are drawn from all items")
    lam: float = Field(1.0, ge=0, description="λ: weight of fairness; bounds how far below 0 the dual variables go")
    dual_rate: float = Field(0.01, gt=0, description="rate of the dual variables' mirror descent")
    momentum: float = Field(0.2, gt=0, le=1, description="α: share of the present gradient in its moving average")
    top_k: Size = Field(10, description="length of the lists that exposure is measured on")
    sample: Size = Field(700, description="items that the lists are drawn from, afresh in every batch")
    reset_every: int | None = Field(None, ge=1, description="epochs after which μ starts again at 0; unset: never")


class FairDual(RowWeighted):
    """ω_b ∝ 1 − mean_k(e_bk μ_k): users whose lists show the badly exposed groups (μ_k < 0) count more.

    e_bk is the exposure of group k in the top-K of row b's user among a sample of the items, and after each batch

        g̃ = R/(N·K) − Σ_b e_b/(B·K),   g ← α g̃ + (1 − α) g,   μ ← Π_M(μ − rate · g/γ²)

    with R the exposure of an epoch, N·K·γ, that has not yet been given out, and Π_M ``harness.balance.dual.project``
    (Xu et al. 2025, Algorithm 1, as the authors' toolkit FairDiverse has it). γ_k = 1 for every group.

    Our reading where the toolkit fails or cannot be carried over: weights are clipped at 0 and divided by their sum
    over the batch, instead of dividing mean_k(e_bk μ_k) by its own sum, which may vanish; μ starts at 0 and is kept
    from epoch to epoch (an epoch is few batches here: ``reset_every=1`` is the toolkit's way); groups without items
    take no part.
    """

    name = "fairdual"
    summary = "max-min fair exposure: row weights from dual variables of the groups"
    reference = "Xu et al., Bridging Jensen Gap for Max-Min Group Fairness, ICLR 2025, arXiv 2502.09319"
    side = "item"
    Config = FairDualConfig
    config: FairDualConfig
    changes = ("mu", "g", "epoch", "_stream")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "lam": SearchRange(0.1, 10, log=True),
        "dual_rate": SearchRange(1e-3, 0.1, log=True),
        **RowWeighted.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        require_items("fairdual measures the exposure of", problem.membership.grouping, problem.membership.side)
        super().prepare(problem)
        self.C = torch.as_tensor(problem.membership.shares.toarray(), dtype=self.dtype, device=self.device)
        self.member = self.C.sum(dim=0) > 0
        self.gamma = torch.ones(len(self.member), dtype=self.dtype, device=self.device)
        self.n_rows = len(problem.training)
        self.epoch = 0
        self._stream = problem.streams.generator("sampled lists")
        self.mu = torch.zeros_like(self.gamma)
        self.g = torch.zeros_like(self.gamma)

    def train_epoch(self) -> EpochReport:
        every = self.config.reset_every
        if every is not None and self.epoch % every == 0:
            self.mu, self.g = torch.zeros_like(self.mu), torch.zeros_like(self.g)
        self.remaining = self.n_rows * self.config.top_k * self.gamma
        self.epoch += 1
        return super().train_epoch()

    def row_weights(self, rows: Rows) -> torch.Tensor:
        e = self.exposures(rows)
        omega = 1 - (e @ self.mu) / self.member.sum()
        self.descend(e)
        return omega

    def exposures(self, rows: Rows) -> torch.Tensor:
        """e: what each group gets of the row's user's top-K among the sampled items, shape (B, K); rows sum to K."""
        sample = torch.randperm(len(self.C), generator=self._stream, device=self.device)[: self.config.sample]
        users, place = torch.unique(rows.batch.users, return_inverse=True)
        factors = rows.factors.detached()
        scores = factors.users.index_select(0, users) @ factors.items.index_select(0, sample).T
        top = scores.topk(min(self.config.top_k, len(sample)), dim=1).indices
        return self.C[sample[top]].sum(dim=1).index_select(0, place)

    def descend(self, e: torch.Tensor) -> None:
        """One step of the dual variables, after a batch with exposures e (B, K)."""
        length = self.config.top_k
        given = e.sum(dim=0)
        self.remaining = self.remaining - given
        now = self.remaining / (self.n_rows * length) - given / (len(e) * length)
        self.g = self.config.momentum * now + (1 - self.config.momentum) * self.g
        step = torch.where(self.member, self.config.dual_rate * self.g / self.gamma**2, 0.0)
        self.mu = project(self.mu - step, self.gamma, self.config.lam)

    def describe(self, means: EpochMeans) -> None:
        means.value("mu_smallest", self.mu.min())
        means.value("mu_largest", self.mu.max())
