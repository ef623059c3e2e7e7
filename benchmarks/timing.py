"""Medians and ratios of things measured in turn, so that a machine whose speed drifts is fair to all of them.

Ratios are of processor time: on a shared machine the clock also counts what others do. With one thread the two agree
on an idle machine; with several, processor time adds the threads up, those that spin while they wait included.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from harness.models.batches import Batch, BatchSampler

Step = Callable[[], object]


@dataclass(frozen=True)
class Timings:
    """Seconds by name, one value per round; round r of one name stands beside round r of another.

    Attributes:
        seconds: on the clock
        cpu: of the processor, all threads together; what a busy neighbour does not change
    """

    seconds: Mapping[str, list[float]]
    cpu: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Seconds on the clock."""
        return statistics.median(self.seconds[name])

    def cpu_median(self, name: str) -> float:
        """Seconds of the processor."""
        return statistics.median(self.cpu[name])

    def ratio(self, name: str, other: str) -> float:
        """The median over rounds of ``name`` in units of ``other``, in processor time."""
        pairs = zip(self.cpu[name], self.cpu[other], strict=True)
        return statistics.median(a / b for a, b in pairs)


def in_turn(steps: Mapping[str, Step], rounds: int = 7, warm_up: int = 1) -> Timings:
    """Run all of ``steps`` once per round, A B C A B C …, after ``warm_up`` rounds that do not count."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    cpu: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(warm_up + rounds):
        for name, step in steps.items():
            begin, begin_cpu = time.perf_counter(), time.process_time()
            step()
            if number >= warm_up:
                seconds[name].append(time.perf_counter() - begin)
                cpu[name].append(time.process_time() - begin_cpu)
    return Timings(seconds, cpu)


class FewBatches:
    """An epoch of so many batches, each epoch where the last one ended; in the place of a method's sampler."""

    def __init__(self, sampler: BatchSampler, steps: int) -> None:
        self._stream = sampler.forever()
        self._steps = steps

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[Batch]:
        return islice(self._stream, self._steps)
