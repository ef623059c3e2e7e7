"""Medians and ratios of things measured in turn, so that a machine whose speed drifts is fair to all of them."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Step = Callable[[], object]


@dataclass(frozen=True)
class Timings:
    """Seconds by name, one value per round; round r of one name stands beside round r of another."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Seconds."""
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over rounds of ``name`` in units of ``other``."""
        pairs = zip(self.seconds[name], self.seconds[other], strict=True)
        return statistics.median(a / b for a, b in pairs)


def in_turn(steps: Mapping[str, Step], rounds: int = 7, warm_up: int = 1) -> Timings:
    """Run all of ``steps`` once per round, A B C A B C …, after ``warm_up`` rounds that do not count."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(warm_up + rounds):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            if number >= warm_up:
                seconds[name].append(time.perf_counter() - begin)
    return Timings(seconds)
