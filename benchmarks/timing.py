"""Medians and ratios of things measured in turn, so that a machine whose speed drifts is fair to all of them."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from harness.models.batches import Batch, BatchSampler

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


class FewBatches:
    """An epoch of so many batches, each epoch where the last one ended; in the place of a method's sampler."""

    def __init__(self, sampler: BatchSampler, steps: int) -> None:
        self._stream = sampler.forever()
        self._steps = steps

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[Batch]:
        return islice(self._stream, self._steps)
