"""Metrics of a run between the training loop and the store: finite ones wait for a batch, others are counted."""

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from harness.track.digests import Digests
from harness.track.names import clean_name


@dataclass(frozen=True)
class Point:
    """One metric value at one step; the time in milliseconds."""

    name: str
    value: float
    step: int
    at: int


class MetricBuffer:
    """Points that have not been written yet."""

    def __init__(self, whole: bool = True) -> None:
        """``whole``: whether all values of the run go through here."""
        self.waiting: list[Point] = []
        self._digests = Digests(whole)
        self.not_finite: Counter[str] = Counter()

    def add(self, values: Mapping[str, float], step: int) -> None:
        """Keep finite values for the next batch, count the others."""
        now = time.time_ns() // 1_000_000
        for name, value in values.items():
            if math.isfinite(value):
                point = Point(clean_name(name), float(value), int(step), now)
                self.waiting.append(point)
                self._digests.add(point.name, point.value, point.step)
            else:
                self.not_finite[clean_name(name)] += 1

    def take(self, at_most: int) -> list[Point]:
        """Remove and return the oldest points."""
        taken, self.waiting = self.waiting[:at_most], self.waiting[at_most:]
        return taken

    def tags(self) -> dict[str, str]:
        """What a reader must know in the end: which values are missing, and what the others hash to."""
        missing = ", ".join(f"{name} ×{count}" for name, count in sorted(self.not_finite.items()))
        return self._digests.tags() | ({"not_finite": missing} if missing else {})
