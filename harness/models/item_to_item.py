"""Recommenders that are one matrix of item-to-item weights W: a user's scores are xᵤW, xᵤ the items they took."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse, torch
from harness.models.sparse import dense_product, multiplied, to_torch
from harness.plugins import EpochReport, Method, Problem

Weights: TypeAlias = "npt.NDArray[np.float32] | sparse.csr_array"


class ItemToItem(Method):
    """W comes from the training matrix X in one step; on the CPU, as linear algebra in float64 and sparse products."""

    needs_text = False
    iterative = False
    changes: ClassVar[tuple[str, ...]] = ("_solution",)

    def prepare(self, problem: Problem) -> None:
        self.device = problem.device
        self.matrix = problem.training.matrix()
        self._solution: dict[str, torch.Tensor] = {}

    @abstractmethod
    def solve(self, X: sparse.csr_array) -> dict[str, torch.Tensor]:
        """What W is made of, from the 0/1 matrix X of shape (n_users, n_items)."""

    @abstractmethod
    def weights(self, solution: Mapping[str, torch.Tensor]) -> Weights:
        """W, shape (n_items, n_items): row i says how much having taken i speaks for every item."""

    def train_epoch(self) -> EpochReport:
        self.restore(self.solve(self.matrix))
        return EpochReport(loss=0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        return self.score_histories(self.matrix[users.cpu().numpy()])

    def score_histories(self, histories: sparse.csr_array) -> torch.Tensor:
        if not isinstance(self._weights, np.ndarray):
            return dense_product(histories, self._weights).to(self.device)
        taken = to_torch(histories, torch.device("cpu"), torch.float32)
        return multiplied(taken, torch.from_numpy(self._weights)).to(self.device)

    def state(self) -> dict[str, torch.Tensor]:
        return {name: tensor.clone() for name, tensor in self._solution.items()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self._solution = {name: tensor.clone() for name, tensor in state.items()}
        self._weights = self.weights(self._solution)
