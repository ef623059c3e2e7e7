"""Popular items first, each measured against its groups."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field

from harness.plugins import BadInput, EpochReport, Method, MethodConfig, Problem, SearchRange


class ExampleConfig(MethodConfig):
    """How far popularity is evened out between groups."""

    strength: float = Field(1.0, ge=0, le=1, description="0 is popularity, 1 popularity within groups")


class Example(Method):
    """score(u, i) = n_i / (Σ_k C_ik n̄_k)^strength,  n_i training interactions of i, n̄_k their mean in group k."""

    name = "example"
    summary = "items by training interactions, relative to those of their groups"
    reference = "folklore"
    family = "in"
    side = "item"
    Config: ClassVar[type[MethodConfig]] = ExampleConfig
    config: ExampleConfig
    search_space: ClassVar[Mapping[str, SearchRange]] = {"strength": SearchRange(0.0, 1.0)}
    needs_text = False
    iterative = False

    def prepare(self, problem: Problem) -> None:
        if problem.membership.side != "item":
            raise BadInput(f"{self.name} needs groups of items: choose another --group")
        counts = np.bincount(problem.training.items, minlength=problem.training.n_items)
        C = problem.membership.shares
        means = (C.T @ counts) / np.maximum(C.sum(axis=0), 1)
        scores = counts / np.maximum(C @ means, 1e-12) ** self.config.strength
        self.scores = torch.as_tensor(scores, dtype=torch.float32, device=problem.device)

    def train_epoch(self) -> EpochReport:
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.scores.expand(len(users), -1)

    def state(self) -> dict[str, torch.Tensor]:
        return {"scores": self.scores.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.scores = state["scores"].clone()
