"""A few batches of an epoch, with the seconds of each step: what long trainings are told from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.base.late import torch
from harness.models.batches import Batch, BatchSampler


class TimedBatches:
    """Passes over a sampler's batches that end early, in the place of a method's sampler.

    Args:
        sampler: whose batches
        least: batches of a pass, at least, where there are so many
        seconds: after which a pass ends with the batch under way
        clock: tells the time

    Attributes:
        steps: seconds of each step of the last pass, from the drawing of its batch to the next one's
    """

    def __init__(self, sampler: BatchSampler, least: int, seconds: float, clock: Callable[[], float]) -> None:
        self.least, self.seconds = least, seconds
        self.steps: list[float] = []
        self._sampler, self._clock = sampler, clock

    def __len__(self) -> int:
        """Batches of a whole epoch."""
        return len(self._sampler)

    def __iter__(self) -> Iterator[Batch]:
        self.steps = []
        began = last = self._now()
        for batch in self._sampler:
            yield batch
            now = self._now()
            self.steps.append(now - last)
            last = now
            if len(self.steps) >= self.least and now - began >= self.seconds:
                return

    def forever(self) -> Iterator[Batch]:
        """One pass that ends early, for whoever takes batches from pass after pass."""
        return iter(self)

    def _now(self) -> float:
        """When all that has been asked for is done."""
        if self._sampler.users.device.type == "cuda":
            torch.cuda.synchronize(self._sampler.users.device)
        return self._clock()
