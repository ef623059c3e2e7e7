"""What the rules share that minimise an objective over the simplex by Frank–Wolfe."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from harness.balance.frank_wolfe import Solution, minimise
from harness.balance.rule_options import EntropyConfig
from harness.base.frozen import Frozen
from harness.base.late import torch
from harness.plugins import Balancer, GroupSignals


class Minimiser(Balancer):
    """w = argmin over the groups that are present."""

    @abstractmethod
    def solve(self, signals: GroupSignals) -> Solution:
        """The weights with their duality gap."""

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        return self.solve(signals).weights


class EntropyMinimiser(Minimiser):
    """An objective with an entropy in it that is no quadratic form, by its gradient."""

    Config: ClassVar[type[Frozen]] = EntropyConfig
    config: EntropyConfig

    @abstractmethod
    def gradient(self, signals: GroupSignals) -> Callable[[torch.Tensor], torch.Tensor]:
        """The objective's gradient, a function of w, (K,) to (K,)."""

    def solve(self, signals: GroupSignals) -> Solution:
        """The weights with their duality gap (a bound only where the objective is convex)."""
        return minimise(self.gradient(signals), signals.present, self.config.T)
