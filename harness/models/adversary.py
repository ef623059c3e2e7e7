"""Somebody who guesses groups from what a recommender gives away, and learns to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from harness.base.changing import Changing
from harness.base.late import torch
from harness.models.adam import adam
from harness.models.gradient_step import follow, remember
from harness.models.perceptron import Perceptron

Judged: TypeAlias = "Callable[[torch.Tensor], torch.Tensor]"
"""The network's outputs, shape (n, K), to how wrong they are, a differentiable scalar."""


class Adversary(Changing):
    """A network with an optimiser of its own; to whoever it plays against its parameters are constants.

    Args:
        network: from what is seen to guesses
        rate: of Adam on its parameters
        steps: that it takes when it is shown something
    """

    changes = ("network", "optimizer")

    def __init__(self, network: Perceptron, rate: float, steps: int) -> None:
        self.network, self.steps = network, steps
        self.optimizer = adam(network.learnt(), lr=rate, foreach=False)
        self._errors: list[torch.Tensor] = []

    def learn(self, seen: torch.Tensor, error: Judged, chance: torch.Tensor) -> None:
        """Steps towards a smaller error.

        Args:
            seen: what it guesses from, shape (n, d); a constant
            error: of its guesses
            chance: error of the best guess that does not look
        """
        learnt = self.network.learnt()
        for _ in range(self.steps):
            remember(learnt)
            follow(error(self.network(seen)), learnt, self.optimizer)
        with torch.no_grad():
            self._errors.append(error(self.network(seen)) / chance.clamp(min=1e-12))

    def told(self) -> dict[str, float]:
        """``adversary_error``: its mean error since the last call over that of chance; 1 or more: it knows nothing."""
        errors, self._errors = self._errors, []
        return {"adversary_error": float(torch.stack(errors).mean())} if errors else {}
