"""Vectors that are filtered until nobody can tell from them which group their owner is in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import functional, sparse, torch
from harness.domain.membership import Membership
from harness.models.adversary import Adversary
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import info_nce
from harness.models.perceptron import Perceptron
from harness.models.recommender import RecommenderConfig
from harness.plugins import EpochReport, MethodConfig, Problem, SearchRange

SLOPE = 0.2
"""Of the adversary's LeakyReLU, the authors'; the filter has PyTorch's own."""


class PfcnConfig(RecommenderConfig):
    """The filter and the adversary."""

    lam: float = Field(
        0.3, ge=0, description="λ: weight of the adversary's error; 0: it looks on; more than 1 unsettles both"
    )
    filter: bool = Field(True, description="a network between vectors and scores; else θ alone hides the groups")
    adversary_rate: float = Field(1e-3, gt=0, description="of Adam on the adversary")
    adversary_steps: int = Field(10, ge=1, le=100, description="of the adversary before each step of θ")
    adversary_layers: int = Field(3, ge=1, le=20, description="its hidden layers, of twice the factors' width")


class Pfcn(AlphaRec):
    """min_{θ,F} max_Ψ  mean_b ℓ_b(F(e_u), e_i) + λ mean_u Σ_k C_uk ln softmax(a_Ψ(F(e_u)))_k.

    A filter F, linear → LeakyReLU → linear → LeakyReLU from d to 2d to d, stands between the users' vectors and scores,
    and an adversary a_Ψ, a perceptron, learns to tell a user's group from what comes out, by the cross-entropy that θ
    and F are to increase (Li et al. 2021, for one attribute: their filters for combinations of several are the same
    with groups that are combinations). It takes 10 steps for each of theirs, as in the authors' code.

    Our reading: vectors that are filtered are divided by their lengths, as the backbone's are, where the authors
    normalise batches; the adversary has three hidden layers without dropout instead of six to eight with it, is
    shown each user of a batch once, and takes its steps before those of θ; somebody in several groups counts in each by
    their share. The paper is about users. Groups of items are hidden in the same way in the items' vectors, and where
    both sides are grouped each has its filter and its adversary. Without filter and λ it is ``alpharec``.
    """

    name = "pfcn"
    summary = "a filter on vectors, against an adversary that tells groups from what comes out"
    reference = "Li et al., Towards Personalized Fairness based on Causal Notion, SIGIR 2021, arXiv 2105.09829"
    family = "in"
    side = "either"
    Config: ClassVar[type[MethodConfig]] = PfcnConfig
    config: PfcnConfig
    selection = "fair_within:0.02"
    changes = ("filters", "adversaries")
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "lam": SearchRange(0.01, 3, log=True),
        **AlphaRec.search_space,
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        d, streams = self.config.dim, problem.streams
        self.filters: dict[str, Perceptron] = {}
        self.adversaries: dict[str, Adversary] = {}
        self.C: dict[str, torch.Tensor] = {}
        for part in problem.membership.sides:
            self.C[part.side] = torch.as_tensor(part.shares.toarray(), dtype=self.dtype, device=self.device)
            self.adversaries[part.side] = self._adversary(part, streams.generator("adversary", part.side))
            if self.config.filter:
                generator = streams.generator("init", "filter", part.side)
                self.filters[part.side] = Perceptron([d, 2 * d, d], 0.01, generator, self.dtype)
        if self.filters:
            self.optimizer.add_param_group({"params": self._learnt()[1:]})

    def _adversary(self, part: Membership, generator: torch.Generator) -> Adversary:
        start = self.C[part.side].mean(dim=0).clamp(min=1e-6).log()
        widths = [self.config.dim, *[2 * self.config.dim] * self.config.adversary_layers, len(part.names)]
        network = Perceptron(widths, SLOPE, generator, self.dtype, start)
        return Adversary(network, self.config.adversary_rate, self.config.adversary_steps)

    def train_epoch(self) -> EpochReport:
        report = super().train_epoch()
        told = {f"{side}_{name}": value for side, one in self.adversaries.items() for name, value in one.told().items()}
        return dataclasses.replace(report, values={**report.values, **told})

    def factors(self) -> Factors:
        with torch.no_grad():
            return self.filtered(super().factors())

    def user_vectors(self, histories: sparse.csr_array) -> torch.Tensor | None:
        new = super().user_vectors(histories)
        with torch.no_grad():
            return None if new is None else self._through("user", new)

    def filtered(self, factors: Factors) -> Factors:
        """The factors as scores see them, of unit length."""
        if not self.filters:
            return factors
        users, items = self._through("user", factors.users), self._through("item", factors.items)
        return Factors(torch.cat([users, items]), factors.n_users)

    def _through(self, side: str, vectors: torch.Tensor) -> torch.Tensor:
        if side not in self.filters:
            return vectors
        return functional.normalize(functional.leaky_relu(self.filters[side](vectors), 0.01), dim=1)

    def _learnt(self) -> list[torch.Tensor]:
        return [*super()._learnt(), *(tensor for one in self.filters.values() for tensor in one.learnt())]

    def _objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        view = self.views.of(batch)
        factors = self.filtered(view.factors(view.inputs, self.theta))
        losses = info_nce(factors, view.batch, self.config.temperature)
        minimised = losses.mean()
        for side, adversary in self.adversaries.items():
            if side == "user":
                seen, C = shown(factors.users, view.batch.users, self.C[side], batch.users)
            else:
                seen, C = shown(factors.items, view.batch.items, self.C[side], batch.items)
            adversary.learn(seen.detach(), partial(error, C=C), chance(C))
            if self.config.lam > 0:
                minimised = minimised - self.config.lam * error(adversary.network(seen), C)
        return losses, minimised

    def state(self) -> dict[str, torch.Tensor]:
        return {**super().state(), **{name: tensor.clone() for name, tensor in self._of_filters().items()}}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        for name, tensor in self._of_filters().items():
            tensor.copy_(state[name])
        super().restore(state)

    def _of_filters(self) -> dict[str, torch.Tensor]:
        return {
            f"filter/{side}/{name}": tensor
            for side, one in self.filters.items()
            for name, tensor in one.parameters.items()
        }


def shown(
    vectors: torch.Tensor, places: torch.Tensor, C: torch.Tensor, members: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors and membership of those who are in a batch, each once.

    Args:
        vectors: of which those in the batch are rows ``places``, shape (B,)
        C: membership, of which those in the batch are rows ``members``, shape (B,)
    """
    different, inverse = torch.unique(members, return_inverse=True)
    first = torch.empty_like(different).scatter_(0, inverse, places)
    return vectors.index_select(0, first), C.index_select(0, different)


def error(a: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
    """−mean_u Σ_k C_uk ln softmax(a_u)_k, a scalar, for a and C of shape (n, K)."""
    return functional.cross_entropy(a, C)


def chance(C: torch.Tensor) -> torch.Tensor:
    """The error of the best guess that is the same for everybody: the entropy of the mean."""
    mean = C.mean(dim=0)
    return -torch.xlogy(mean, mean).sum()
