"""What a batch sees of a model: the inputs that its loss is differentiated at, and the way from there to factors.

With exact propagation every batch sees all of Z and the whole graph. With propagation on the input side (see
``harness.models.input_side``) it sees the rows of its own users and items and nothing else, so that a step's cost does
not grow with the catalogue. Methods are written against :class:`View` and run unchanged on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.graph import NewUsers


class Stages(Protocol):
    """The way from (inputs, θ) to factors, whose first stage is linear in either.

    H(X, θ + s) = H(X, θ) + H(X, s): models at parameters that are near each other can share their first stage.
    """

    def first(self, X: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """H for inputs X, a row for each that the projector is given."""

    def first_adjoint(self, G: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
        """The gradient of ⟨G, H⟩ with respect to the inputs, for G of H's shape."""

    def rest(self, H: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors."""


class Backbone(Stages, Protocol):
    """A model of everybody, whose inputs are Z."""

    interactions: Interactions
    """Those it is made for."""

    def initial(self, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """θ₀, one flat vector."""

    def factors(self, Z: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors for representations Z (n_items, d_lm) and parameters θ."""

    def user_factors(self, new: NewUsers, Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor | None:
        """The final factors of users who were not trained on, shape (b, d); None where a user's are learnt."""


@dataclass(frozen=True)
class View:
    """One batch's view.

    Attributes:
        inputs: Z itself, or the rows of PZ of the batch's users and items; a gradient "with respect to Z" is taken here
        batch: the batch, numbered like the factors
        stages: (inputs, θ) to factors
        nodes: which rows of PZ ``inputs`` are, users before items; None where they are Z
    """

    inputs: torch.Tensor
    batch: Batch
    stages: Stages
    nodes: torch.Tensor | None = None

    def factors(self, inputs: torch.Tensor, theta: torch.Tensor) -> Factors:
        """The final factors of those whom the batch sees."""
        return self.stages.rest(self.stages.first(inputs, theta), theta)


class Views(Protocol):
    """A model as the training sees it."""

    @property
    def backbone(self) -> Backbone:
        """(Z, θ) to factors."""

    Z: torch.Tensor

    def of(self, batch: Batch) -> View:
        """What ``batch`` sees."""

    def factors(self, theta: torch.Tensor) -> Factors:
        """The final factors of all users and items, without history."""

    def user_factors(self, new: NewUsers, theta: torch.Tensor) -> torch.Tensor | None:
        """The final factors of users who were not trained on, without history; None: a user's are learnt."""

    def changed(self) -> None:
        """Z has changed in place."""


class WholeGraph:
    """Exact propagation: everybody sees everything.

    Args:
        backbone: (Z, θ) to factors
        Z: shape (n_items, d_lm); changed in place by whoever learns it
    """

    def __init__(self, backbone: Backbone, Z: torch.Tensor) -> None:
        self.backbone = backbone
        self.Z = Z

    def of(self, batch: Batch) -> View:
        return View(self.Z, batch, self.backbone)

    def factors(self, theta: torch.Tensor) -> Factors:
        with torch.no_grad():
            return self.backbone.factors(self.Z, theta)

    def user_factors(self, new: NewUsers, theta: torch.Tensor) -> torch.Tensor | None:
        with torch.no_grad():
            return self.backbone.user_factors(new, self.Z, theta)

    def changed(self) -> None:
        """Nothing is kept that depends on Z."""
