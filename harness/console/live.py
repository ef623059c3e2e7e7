"""Progress that redraws itself, for terminals."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from harness.base.printable import printable
from harness.console.literal_console import LiteralConsole
from harness.console.plain import duration, epoch_values, time_left, trial_line
from harness.console.result_tables import print_summary
from harness.runs.observer import Observer
from harness.runs.summary import Summary

BAR, NARROW_BAR, WIDE = 20, 8, 80
"""Columns of a bar, in a terminal that is at least so wide and in others."""


class LiveConsole(Observer):
    """A bar for the study and one for the current stage, the figures of the last epoch, and facts as lines above.

    Beside every time stands what it is: elapsed, or left.
    """

    def __init__(self, console: LiteralConsole | None = None) -> None:
        self._console = console or LiteralConsole()
        self._progress = Progress(
            TextColumn("{task.description}"),
            *self._columns(),
            TextColumn("{task.fields[left]}"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._study = Progress(
            TextColumn("study"), *self._columns(), TextColumn("{task.fields[left]}"), console=self._console
        )
        self._left: tuple[float, float] | None = None
        self._figures = ""
        self._best = ""
        self._stage = ""
        self._workers: dict[str, tuple[str, float]] = {}
        self._began = 0.0
        self._live = Live(self, console=self._console, refresh_per_second=4, transient=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What is redrawn."""
        if self._figures:
            yield self._figures
        for worker, (run, began) in sorted(self._workers.items()):
            told = f" {run} ({duration(time.monotonic() - began)} elapsed)  {worker}"
            yield Text(printable(told), no_wrap=True, overflow="ellipsis")
        if self._progress.tasks:
            yield self._progress
        if self._study.tasks:
            self._study.update(self._study.tasks[0].id, left=self._study_left())
            yield self._study

    def say(self, line: str) -> None:
        self._console.print(line)

    def stage(self, text: str) -> None:
        self._end_stage()
        self._stage, self._began, self._best = text, time.monotonic(), ""
        self._figures = text
        self._live.start()

    def progress(self, done: int, total: int) -> None:
        self._bar("", done, total, "· left")

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        values = epoch_values(loss, ndcg, cv)
        if best:
            self._best = f"best epoch {number}: NDCG {ndcg:.4f}, CV {cv:.4f}"
        self._bar("epochs", number, max_epochs, "· left, at most")
        self._figures = f"{self._stage}\n last epoch:{values}\n  {self._best}"

    def trial(
        self, number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool, of: str = ""
    ) -> None:
        self._end_stage()
        self.say(trial_line(number, total, params, values, best, of))

    def working(self, worker: str, run: str) -> None:
        self._workers.pop(worker, None)
        if run:
            self._workers[worker] = run, time.monotonic()
            self._live.start()

    def study(self, done: int, total: int, seconds_left: float | None) -> None:
        self._left = None if seconds_left is None or done >= total else (seconds_left, time.monotonic())
        if not self._study.tasks:
            self._study.add_task("study", what="runs ", left="")
        self._study.update(self._study.tasks[0].id, completed=done, total=total)
        self._live.start()

    def result(self, summary: Summary) -> None:
        self.close()
        print_summary(self._console, summary)

    def close(self) -> None:
        self._end_stage()
        self._live.stop()

    def _columns(self) -> list[ProgressColumn]:
        """How far something is, and for how long it has been going on."""
        bar = BarColumn(BAR if self._console.width >= WIDE else NARROW_BAR)
        return [bar, MofNCompleteColumn(), TextColumn("{task.fields[what]}· elapsed"), TimeElapsedColumn()]

    def _bar(self, text: str, done: int, total: int, left: str) -> None:
        self._live.start()
        if not self._progress.tasks:
            self._progress.add_task(text, total=total, what="", left=left)
        self._progress.update(self._progress.tasks[0].id, description=text, total=total, completed=done, left=left)

    def _study_left(self) -> str:
        """What is left of what was estimated when the last run ended."""
        if self._left is None:
            return ""
        seconds, told = self._left
        return f"· {time_left(max(1.0, seconds - (time.monotonic() - told)))}"

    def _end_stage(self) -> None:
        """What was redrawn becomes one line above."""
        ended, self._stage, self._figures = self._stage, "", ""
        for task in self._progress.tasks:
            self._progress.remove_task(task.id)
        if ended:
            figures = f"; {self._best}" if self._best else ""
            self.say(f"{ended} (took {time.monotonic() - self._began:.1f} s{figures})")
