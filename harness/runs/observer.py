"""What the engine tells whoever watches a run. The engine never prints."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from harness.runs.summary import Summary


class Observer:
    """Watches in silence; subclasses show what they are told. A context manager, so that a display can be put away."""

    def say(self, line: str) -> None:
        """A fact worth a line: a licence, a warning, where something was found."""

    def stage(self, text: str) -> None:
        """A new part of the work begins."""

    def progress(self, done: int, total: int) -> None:
        """How far the current stage is."""

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        """An epoch (from 1) has ended: training loss, validation NDCG and CV, and whether it is the one to keep."""

    def trial(
        self, number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool
    ) -> None:
        """A study's trial (from 1) has ended."""

    def result(self, summary: Summary) -> None:
        """The run's findings."""

    def close(self) -> None:
        """Nothing more will come."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
