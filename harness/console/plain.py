"""One line per event: for logs, pipes and ``--plain``."""

import io
import os
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from harness.base.printable import printable
from harness.console.table_width import table_width
from harness.runs.observer import Observer
from harness.runs.summary import Summary

PROGRESS_SECONDS = 10.0


class PlainConsole(Observer):
    """Writes lines to a stream, each at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._progress_at = 0.0
        self._study_began: float | None = None
        self._runs = 0

    def say(self, line: str) -> None:
        try:
            print(printable(line), file=self._stream or sys.stdout, flush=True)
        except BrokenPipeError:
            self._go_on_unheard()

    def _go_on_unheard(self) -> None:
        """Whoever read the lines has gone (``| head``): what is being recorded is finished all the same."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (self._stream or sys.stdout).fileno())
        os.close(nowhere)

    def stage(self, text: str) -> None:
        self._progress_at = time.monotonic()
        self.say(text)

    def progress(self, done: int, total: int) -> None:
        """Long stages say every few seconds how far they are."""
        if done < total and time.monotonic() - self._progress_at >= PROGRESS_SECONDS:
            self._progress_at = time.monotonic()
            self.say(f"  {done:,} of {total:,}")

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        self.say(f"  epoch {number:3}/{max_epochs}{epoch_values(loss, ndcg, cv)}{'  best' if best else ''}")

    def trial(
        self, number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool, of: str = ""
    ) -> None:
        self.say(trial_line(number, total, params, values, best, of))

    def study(self, done: int, total: int, seconds_left: float | None) -> None:
        """Every few seconds, and when all has been done."""
        now = time.monotonic()
        if self._study_began is None:
            self._study_began = now
        due = now - self._progress_at >= PROGRESS_SECONDS or done == total
        if due and done > self._runs:
            self._runs, self._progress_at = done, now
            self.say(f"  {study_line(done, total, now - self._study_began, seconds_left)}")

    def result(self, summary: Summary) -> None:
        from harness.console.literal_console import LiteralConsole
        from harness.console.result_tables import print_summary

        text, width = io.StringIO(), table_width(self._stream or sys.stdout)
        print_summary(LiteralConsole(file=text, width=width, force_terminal=False, color_system=None), summary)
        self.say(text.getvalue().removesuffix("\n"))


def epoch_values(loss: float, ndcg: float, cv: float) -> str:
    """The figures of an epoch, for a line."""
    return f"  loss {loss:.4f}  NDCG {ndcg:.4f}  CV {cv:.4f}"


def study_line(done: int, total: int, seconds: float, seconds_left: float | None) -> str:
    """How far a study is, as one line: the time that has gone by, and the time that the rest takes."""
    left = "" if seconds_left is None or done >= total else f", {time_left(seconds_left)}"
    return f"study: {done:,} of {total:,} runs, {duration(seconds)} elapsed{left}"


def time_left(seconds: float) -> str:
    """An estimate, in words."""
    return f"about {duration(seconds)} left"


def duration(seconds: float) -> str:
    """A time as exact as it is worth being told."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def trial_line(
    number: int, total: int, params: Mapping[str, Any], values: Mapping[str, float], best: bool, of: str = ""
) -> str:
    """A trial as one line."""
    shown = {name: f"{value:.3g}" if isinstance(value, float) else value for name, value in params.items()}
    chosen = " ".join(f"{name}={value}" for name, value in shown.items())
    found = "  ".join(f"{name} {value:.4f}" for name, value in values.items())
    search = f" of {of}" if of else ""
    return f"trial {number:3}/{total}{search}  {found}  {chosen}{'  best' if best else ''}"
