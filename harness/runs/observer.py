"""What the engine tells whoever watches a run. The engine never prints."""

from collections.abc import Mapping
from typing import Any

from harness.base.closing import Closing
from harness.runs.summary import Summary


class Observer(Closing):
    """Watches in silence; subclasses show what they are told, and put their display away when they are closed."""

    def say(self, line: str) -> None:
        """A fact worth a line: a licence, a warning, where something was found."""

    def stage(self, text: str) -> None:
        """A new part of the work begins."""

    def progress(self, done: int, total: int) -> None:
        """How far the current stage is."""

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        """An epoch (from 1) has ended: training loss, validation NDCG and CV, and whether it is the one to keep."""

    def trial(
        self, number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool, of: str = ""
    ) -> None:
        """A study's trial (from 1) has ended, of the search that is called so."""

    def working(self, worker: str, run: str) -> None:
        """One of several workers has begun a run; without one: it is free, or gone."""

    def study(self, done: int, total: int, seconds_left: float | None) -> None:
        """How many of a study's runs there are, and how long the rest of them takes; None: not known yet."""

    def result(self, summary: Summary) -> None:
        """The run's findings."""

    def close(self) -> None:
        """Nothing more will come."""


class WithoutResult(Observer):
    """Watches a run that is made for another's sake: all is told but its findings."""

    def __init__(self, behind: Observer) -> None:
        self._behind = behind

    def say(self, line: str) -> None:
        self._behind.say(line)

    def stage(self, text: str) -> None:
        self._behind.stage(text)

    def progress(self, done: int, total: int) -> None:
        self._behind.progress(done, total)

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        self._behind.epoch(number, max_epochs, loss, ndcg, cv, best)
