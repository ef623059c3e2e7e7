"""Algorithm 1: alternate the inner step of θ and the outer step of Z."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.inner import LookAhead
from harness.methods.bifair.input_representations import FreeInputs, LowRankInputs
from harness.methods.bifair.outer import InnerLoss, implicit_gradient
from harness.methods.bifair.representations import Free, LowRank, Representations
from harness.methods.bifair.weights import Levels, balanced_gradients

from harness.balance.level import Balanced, Level
from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.batches import Batch
from harness.models.floors import Floors
from harness.models.group_losses import group_losses
from harness.models.input_side import InputSide
from harness.models.losses import info_nce
from harness.models.recommender import EpochMeans, Recommender
from harness.models.views import View, Views
from harness.plugins import EpochReport, Problem, SearchRange


class BiFair(Recommender):
    """min_Z F_out(Z, θ*(Z)) subject to θ*(Z) = argmin_θ F_in(Z, θ), both under adaptive group weights."""

    name = "bifair"
    summary = "bi-level training of representations and projector under adaptive group weights"
    reference = "Zhang et al., BiFair: A Fairness-aware Training Framework for LLM-enhanced RS, 2025, arXiv 2507.04294"
    family = "in"
    side = "either"
    Config = BiFairConfig
    config: BiFairConfig
    selection = "fair_within:0.02"
    changes = ("Z", "levels", "epoch", "_outer_batches", "representation")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "eta": SearchRange(1e-4, 1e-2, log=True, symbol="η"),
        "xi": SearchRange(1e-4, 1e-2, log=True, symbol="ξ", like="learning_rate"),
        "epsilon": SearchRange(1e-4, 3e-2, log=True, symbol="ε"),
        "T": SearchRange(5, 200, log=True, integer=True),
        "lam": SearchRange(0.1, 30, log=True, symbol="λ"),
        **Recommender.search_space,
    }

    @classmethod
    def phases(cls, config: BiFairConfig, max_epochs: int) -> Sequence[tuple[int, BiFairConfig]]:
        first = min(config.warmup_epochs, max_epochs)
        return [(first, config), (max_epochs - first, config.model_copy(update={"warmup_epochs": 0}))]

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        config = self.config
        self.Z0 = self.Z.clone()
        self.levels = Levels.of(config, self.groups.data_shares)
        self.epoch = 0
        if config.outer_data == "heldout":
            inner_part, outer_part = _cut(problem, config.heldout_share)
            self.views = self._views(inner_part)
            self.batches = self._sampler(problem, inner_part, "batches")
            self._outer_batches = self._sampler(problem, outer_part, "outer batches").forever()
        elif config.outer_data == "disjoint":
            self._outer_batches = self._sampler(problem, problem.training, "outer batches").forever()
        self.representation = _representation(config, self.views, problem.streams.generator("low rank"))

    def train_epoch(self) -> EpochReport:
        means = EpochMeans(self.groups.names)
        warming_up = self.epoch < self.config.warmup_epochs
        for number, batch in enumerate(self.batches):
            if warming_up:
                self._plain_step(batch, means)
            else:
                self._step(batch, means, number)
        self.epoch += 1
        self.representation.settle()
        self._changed()
        if self.config.eta > 0:
            means.value("drift_of_Z", (self.Z - self.Z0).norm() / self.Z0.norm())
        return means.report()

    def state(self) -> dict[str, torch.Tensor]:
        return super().state() | self.representation.state()

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        with torch.no_grad():
            self.theta.copy_(state["theta"])
            self.Z.copy_(state["Z"])
            self.representation.restore(state)
        self._changed()

    def resumed(self) -> None:
        self.representation.restore(self.representation.state())
        self._changed()

    def _plain_step(self, batch: Batch, means: EpochMeans) -> None:
        """Warm-up: a step of θ on the plain mean of the losses."""
        view, theta = self.views.of(batch), self.theta.detach().requires_grad_(True)
        losses = info_nce(view.factors(view.inputs, theta), view.batch, self.config.temperature)
        (gradient,) = torch.autograd.grad(batch.mean(losses), theta)
        grouped = group_losses(losses.detach(), self.groups.of(batch))
        self._inner_step(gradient)
        means.add(grouped.losses, grouped.mass, grouped.mass / batch.total)

    def _step(self, batch: Batch, means: EpochMeans, number: int) -> None:
        """One inner step and, where its turn has come, one outer step; both see the same Z and θ."""
        view = self.views.of(batch)
        inner, H = self._balanced(self.levels.inner, view, batch, self.theta, with_z=False)
        (g_theta,) = inner.gradients
        if self.config.eta > 0 and number % self.config.outer_every == 0:
            loss = InnerLoss(view, inner.row_weights, self.theta, H, self.config.temperature)
            outer = self._outer_step(batch, loss, inner, means, log_lookahead=number == 0)
            if outer.ascending is not None:
                means.value("ascending_groups_outer", outer.ascending)
        self._inner_step(g_theta)
        means.add(inner.losses.losses, inner.losses.mass, inner.weights)
        if inner.ascending is not None:
            means.value("ascending_groups_inner", inner.ascending)

    def _outer_step(
        self, batch: Batch, inner_loss: InnerLoss, inner: Balanced, means: EpochMeans, *, log_lookahead: bool
    ) -> Balanced:
        """Steps 1–5 of the outer update; θ itself is left as it is."""
        config, view = self.config, inner_loss.view
        (g_theta,) = inner.gradients
        ahead = LookAhead.of(self.theta, g_theta, self.optimizer, config.lookahead, config.lookahead_rate)

        if log_lookahead:
            means.value("inner_loss_before_lookahead", inner.weights @ inner.losses.losses.double())
            with torch.no_grad():
                means.value("inner_loss_after_lookahead", inner_loss(view.inputs, ahead.theta))
        outer_batch = batch if config.outer_data == "same" else next(self._outer_batches)
        outer_view = self.views.of(outer_batch)
        outer, _ = self._balanced(self.levels.outer, outer_view, outer_batch, ahead.theta, with_z=True)
        v_Z, v_theta = outer.gradients
        self.representation.add(outer_view, v_Z)
        through_theta = implicit_gradient(
            v_theta, inner_loss, view.inputs, self.theta, ahead.P, config, inner_loss.opposite_gradients
        )
        if through_theta is not None:
            self.representation.add(view, through_theta)
        self.representation.step()
        return outer

    def _floors(self, problem: Problem, interactions: Interactions, purpose: str) -> Floors | None:
        return self.config.floors(problem, interactions, purpose)

    def _balanced(
        self, level: Level, view: View, batch: Batch, theta: torch.Tensor, *, with_z: bool
    ) -> tuple[Balanced, torch.Tensor]:
        shares = self.groups.of(batch)
        return balanced_gradients(level, view, theta, shares, with_z=with_z, gram=self.config.gram)

    def _inner_step(self, gradient: torch.Tensor) -> None:
        self.theta.grad = gradient
        self.optimizer.step()


def _representation(config: BiFairConfig, views: Views, generator: torch.Generator) -> Representations:
    """What ``config`` names, for the model that ``views`` shows; ``generator`` starts a low-rank change."""
    if isinstance(views, InputSide):
        if config.representations == "free":
            return FreeInputs(views, config.eta, config.refresh_every)
        return LowRankInputs(views, config.eta, config.rank, config.refresh_every, generator)
    if config.representations == "free":
        return Free(views.Z, config.eta)
    return LowRank(views.Z, config.eta, config.rank, generator)


def _cut(problem: Problem, share: float) -> tuple[Interactions, Interactions]:
    """Training interactions for the inner level and, a random ``share`` of them, for the outer level alone."""
    training = problem.training
    generator = torch.Generator().manual_seed(problem.streams.generator("heldout").initial_seed())
    order = torch.randperm(len(training), generator=generator).numpy()
    first = round(share * len(training))

    def part(rows: np.ndarray) -> Interactions:
        rows = np.sort(rows)
        return Interactions(training.users[rows], training.items[rows], training.n_users, training.n_items)

    return part(order[first:]), part(order[:first])
