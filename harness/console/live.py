"""Progress that redraws itself, for terminals."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from harness.console.literal_console import LiteralConsole
from harness.console.plain import epoch_values, study_line, trial_line
from harness.console.result_tables import print_summary
from harness.runs.observer import Observer
from harness.runs.summary import Summary


class LiveConsole(Observer):
    """A bar for the current stage, the figures of the last epoch below it, and facts as lines above."""

    def __init__(self, console: LiteralConsole | None = None) -> None:
        self._console = console or LiteralConsole()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left, at most:"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._figures = ""
        self._best = ""
        self._stage = ""
        self._study = ""
        self._workers: dict[str, tuple[str, float]] = {}
        self._began = 0.0
        self._live = Live(self, console=self._console, refresh_per_second=4, transient=True)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """What is redrawn."""
        yield self._figures
        for worker, (run, began) in sorted(self._workers.items()):
            yield f" {worker}  {run} ({time.monotonic() - began:.0f} s)"
        yield self._study
        yield self._progress

    def say(self, line: str) -> None:
        self._console.print(line)

    def stage(self, text: str) -> None:
        self._end_stage()
        self._stage, self._began, self._best = text, time.monotonic(), ""
        self._figures = text
        self._live.start()

    def progress(self, done: int, total: int) -> None:
        self._bar("", done, total)

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        values = epoch_values(loss, ndcg, cv)
        if best:
            self._best = f"best epoch {number}: NDCG {ndcg:.4f}, CV {cv:.4f}"
        self._bar("epochs", number, max_epochs)
        self._figures = f"{self._stage}\n last epoch:{values}\n  {self._best}"

    def trial(
        self, number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool
    ) -> None:
        self._end_stage()
        self.say(trial_line(number, total, params, values, best))

    def working(self, worker: str, run: str) -> None:
        self._workers.pop(worker, None)
        if run:
            self._workers[worker] = run, time.monotonic()
            self._live.start()

    def study(self, done: int, total: int, seconds_left: float | None) -> None:
        self._study = study_line(done, total, seconds_left)

    def result(self, summary: Summary) -> None:
        self.close()
        print_summary(self._console, summary)

    def close(self) -> None:
        self._end_stage()
        self._live.stop()

    def _bar(self, text: str, done: int, total: int) -> None:
        self._live.start()
        if not self._progress.tasks:
            self._progress.add_task(text, total=total)
        self._progress.update(self._progress.tasks[0].id, description=text, total=total, completed=done)

    def _end_stage(self) -> None:
        """What was redrawn becomes one line above."""
        ended, self._stage, self._figures = self._stage, "", ""
        for task in self._progress.tasks:
            self._progress.remove_task(task.id)
        if ended:
            figures = f"; {self._best}" if self._best else ""
            self.say(f"{ended} ({time.monotonic() - self._began:.1f} s{figures})")
