"""How far a study is, and how long the rest of it takes if it goes on like this."""

import time
from dataclasses import dataclass, field

from harness.runs.observer import Observer
from harness.study.execute.task import Outcome


@dataclass
class Progress:
    """Counts runs.

    Attributes:
        total: runs of the study
        observer: told at the beginning and of every change
        done: those that have come to an end, or need not be made
        made: those of them that this call has made
    """

    total: int = 0
    observer: Observer = field(default_factory=Observer)
    done: int = 0
    made: int = 0
    _began: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Nothing has been made yet."""
        self._began = time.monotonic()
        self._tell()

    def count(self, outcome: Outcome) -> None:
        """One more."""
        self.made += outcome.result is None or not outcome.result.reused
        self.found(1)

    def expect(self, number: int) -> None:
        """So many more than was known at first."""
        self.total += number
        self._tell()

    def found(self, number: int) -> None:
        """So many need not be made any more."""
        self.done += number
        self._tell()

    @property
    def seconds_left(self) -> float | None:
        """None as long as nothing has been made."""
        if not self.made:
            return None
        return (time.monotonic() - self._began) / self.made * max(0, self.total - self.done)

    def _tell(self) -> None:
        self.observer.study(self.done, self.total, self.seconds_left)
