"""What the recommenders with a free vector per user and per item share: table, batches, groups, scores, state."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from harness.base.late import torch
from harness.base.sizes import BatchSize, Size
from harness.models.adam import adam
from harness.models.alpharec import Factors
from harness.models.batches import Batch, BatchSampler
from harness.models.erm import erm_epoch
from harness.models.recommender import BatchGroups
from harness.plugins import EpochReport, Method, MethodConfig, Problem


class IDConfig(MethodConfig):
    """The table and its optimiser."""

    dim: Size = Field(64, description="width of the vectors")
    init_std: float = Field(0.1, gt=0, description="standard deviation of the initial vectors")
    negatives: Size = Field(1, description="sampled negatives per interaction")
    batch_size: BatchSize = Field(2048, description="interactions per step")
    learning_rate: float = Field(1e-3, gt=0, description="of Adam on the vectors")
    weight_decay: float = Field(0.0, ge=0, description="of Adam, on all vectors in every step")
    dtype: Literal["float32", "float64"] = Field("float32", description="of parameters and arithmetic")


class IDRecommender(Method):
    """A method that learns E, a free vector for every user and item, shape (n_users + n_items, d), users first."""

    Config: ClassVar[type[MethodConfig]] = IDConfig
    config: IDConfig
    changes: ClassVar[tuple[str, ...]] = ("E", "optimizer", "batches")
    needs_text = False

    def prepare(self, problem: Problem) -> None:
        config, training = self.config, problem.training
        self.device = problem.device
        self.dtype = getattr(torch, config.dtype)
        self.n_users = training.n_users
        size = (training.n_users + training.n_items, config.dim)
        normal = torch.randn(size, generator=problem.streams.generator("init"), device=self.device, dtype=torch.float64)
        self.E = (config.init_std * normal).to(self.dtype)
        self.optimizer = adam([self.E], lr=config.learning_rate, weight_decay=config.weight_decay, fused=True)
        self.groups = BatchGroups(problem, self.dtype)
        order, negatives = problem.streams.generator("batches"), problem.streams.generator("batches", "negatives")
        self.batches = BatchSampler(training, training, config.batch_size, config.negatives, order, negatives)

    @abstractmethod
    def factors(self) -> Factors:
        """The final factors at the present E, differentiable."""

    @abstractmethod
    def objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The rows' losses, shape (B,), and what is minimised."""

    def train_epoch(self) -> EpochReport:
        report = erm_epoch(self.batches, self.groups, self.objective, [self.E], self.optimizer)
        self._factors = None
        return report

    def score(self, users: torch.Tensor) -> torch.Tensor:
        of_users, of_items = self.vectors()
        return of_users[users.to(self.device)] @ of_items.T

    def vectors(self) -> tuple[torch.Tensor, torch.Tensor]:
        if self._factors is None:
            with torch.no_grad():
                self._factors = self.factors()
        return self._factors.users, self._factors.items

    def state(self) -> dict[str, torch.Tensor]:
        return {"E": self.E.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.E.copy_(state["E"])
        self._factors = None

    def resumed(self) -> None:
        self._factors = None

    _factors: Factors | None = None
    """The final factors since E last changed."""
