"""Inside a worker's process: jobs come in as lines of JSON, what becomes of them goes out as lines of JSON.

The process ends with whoever started it. A thread waits for the end of its standard input, which comes when the parent
closes it and also when the parent is killed, whatever kills it; a run that is under way is then interrupted and records
itself as killed. (Linux could send a signal at the parent's death, but sends it at that of the starting *thread*.)
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError, one_line
from harness.base.full_disk import DiskFull, disk_full
from harness.runs.context import Address, Context
from harness.runs.experiment import LastExperiment
from harness.runs.observer import Observer
from harness.runs.run import carry_out
from harness.spec.build import build_spec
from harness.study.pruning import Pruning

INTERRUPTED = 130
PATIENCE_SECONDS = 10
"""How long a process may take to record the end of an interrupted run."""


ENDING_ALL: dict[str, type[HarnessError]] = {"bad input": BadInput, "full disk": DiskFull}
"""What is no failure of one run: no other would come further."""


@dataclass(frozen=True)
class Job:
    """A run and all that its process must know; can be written as JSON."""

    spec: dict[str, Any]
    address: Address
    parent: str
    touch_test: bool = True
    rivals: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def read(cls, line: str) -> "Job":
        """The job that was written as ``line``."""
        tree = json.loads(line)
        return cls(**tree | {"address": Address(**tree["address"])})


def main() -> None:
    """Carry out the jobs on standard input until it ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)  # nothing else writes into the answers
        jobs = _inbox()
        desk = Desk(channel)
        try:
            while (line := jobs.get()) is not None:
                _tell(channel, desk.answer(Job.read(line)))
                jobs.task_done()
        except KeyboardInterrupt:  # the run has been recorded as killed
            sys.exit(INTERRUPTED)


def _inbox() -> "queue.Queue[str | None]":
    """The lines of standard input, None at its end; a plug-in that reads standard input finds it empty."""
    source = os.fdopen(os.dup(0), encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    interrupts.install()
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(source, lines), daemon=True).start()
    return lines


def _listen(source: IO[str], lines: "queue.Queue[str | None]") -> None:
    """Pass lines on. At the end of them: end the run under way, and the process if it does not end by itself."""
    for line in source:
        lines.put(line)
    under_way = lines.unfinished_tasks
    lines.put(None)
    if under_way:
        _interrupt_main_thread()
    time.sleep(PATIENCE_SECONDS)
    os._exit(INTERRUPTED)


def _interrupt_main_thread() -> None:
    """A real signal where there are such: it also ends a system call that waits."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


class Desk:
    """Carries out jobs; keeps the store and the last prepared data, which neighbours have in common.

    Args:
        channel: where warnings and the beginning of a run are told
    """

    def __init__(self, channel: IO[str]) -> None:
        self._channel = channel
        self._open: tuple[Address, Context] | None = None
        self.last = LastExperiment()

    def answer(self, job: Job) -> dict[str, Any]:
        """The last word on a job, as a message."""
        try:
            return self._carried_out(job)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises is this run's failure and no other's
            ends_all = disk_full(error) or error
            kinds = [name for name, kind in ENDING_ALL.items() if isinstance(ends_all, kind)]
            return {"failed": one_line(ends_all), "kind": "".join(kinds)}

    def _carried_out(self, job: Job) -> dict[str, Any]:
        context = self._context(job.address)
        spec = build_spec(job.spec)
        result = carry_out(
            spec,
            context,
            experiment=self.last.of(spec, context),
            parent=job.parent,
            on_start=lambda run_id: _tell(self._channel, {"started": run_id}),
            on_epoch=Pruning(job.rivals) if job.rivals else None,
            touch_test=job.touch_test,
        )
        return {"finished": {"id": result.id, "metrics": dict(result.metrics), "reused": result.reused}}

    def _context(self, address: Address) -> Context:
        """The context at ``address``, opened once."""
        if self._open is None or self._open[0] != address:
            self._open = address, address.open().watched_by(_Remote(self._channel))
        return self._open[1]


class _Remote(Observer):
    """Sends warnings to the parent."""

    def __init__(self, channel: IO[str]) -> None:
        self._channel = channel

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            _tell(self._channel, {"say": line})


def _tell(channel: IO[str], message: Mapping[str, Any]) -> None:
    try:
        channel.write(json.dumps(message) + "\n")
        channel.flush()
    except BrokenPipeError:  # the parent is gone: nobody's run is no failure, it is one that was stopped
        raise KeyboardInterrupt from None
