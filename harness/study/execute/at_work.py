"""Inside a worker's process: one run at a time, in the thread that Dask gives it."""

import os
import platform
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.base import interrupts
from harness.base.errors import Unavailable, one_line
from harness.base.full_disk import disk_full
from harness.runs.carry_out import carry_out
from harness.runs.context import Address, Context
from harness.runs.experiment import LastExperiment
from harness.runs.observer import Observer
from harness.runs.on_record import RunResult
from harness.spec.build import build_spec
from harness.study.execute.dask_private import is_wanted
from harness.study.execute.job import ENDING_ALL, Answer, Job
from harness.study.pruning import Pruning
from harness.track.protocol import NotRecorded

if TYPE_CHECKING:
    from distributed import WorkerPlugin

OPEN_SECONDS = 120.0
"""How long a store is waited for that has answered the coordinator."""
LOOK_SECONDS = 0.5
"""How often is looked whether the run is still wanted."""


def carry_out_job(job: Job) -> Answer:
    """The run, which ends early where nobody waits for it any longer; what a plug-in raises is its failure alone."""
    return _desk.answer(job)


def is_busy() -> bool:
    """Whether this process carries out a run."""
    return _desk.busy


def own_process_setup(log: str) -> "WorkerPlugin":
    """Sets up a worker's process on this machine.

    Args:
        log: a folder for what it writes to standard error, in a file that is called like its id
    """
    from distributed import WorkerPlugin

    class OwnProcess(WorkerPlugin):
        """It leaves the terminal to the coordinator, which stops it, too."""

        name = "harness"

        def setup(self, worker: object) -> None:
            for name in ("SIGINT", "SIGHUP"):
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), signal.SIG_IGN)
            places = {1: os.devnull, 2: os.path.join(log, str(os.getpid()))}
            for stream, place in places.items():
                file = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.dup2(file, stream)
                os.close(file)

    return OwnProcess()


class _Desk:
    """Keeps the store and the last prepared data, which neighbours have in common."""

    def __init__(self) -> None:
        self.busy = False
        self._open: tuple[Address, Context] | None = None
        self._last = LastExperiment()

    def answer(self, job: Job) -> Answer:
        from distributed import get_worker

        here, lines = get_worker().address, _Lines()
        self.busy = True
        try:
            with _stopped_when_unwanted():
                return Answer(here, self._carried_out(job, lines), lines=lines.all)
        except KeyboardInterrupt:
            return Answer(here, failure="interrupted", lines=lines.all)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises is this run's failure and no other's
            told = disk_full(error) or error
            ends_all = "".join(name for name, kind in ENDING_ALL.items() if isinstance(told, kind))
            return Answer(here, failure=one_line(told), ends_all=ends_all, lines=lines.all)
        finally:
            self.busy = False

    def _carried_out(self, job: Job, lines: "_Lines") -> RunResult:
        context = self._context(job.address).watched_by(lines)
        spec = build_spec(job.spec)
        result = carry_out(
            spec,
            context,
            experiment=self._last.of(spec, context),
            parent=job.parent,
            on_epoch=Pruning(job.rivals) if job.rivals else None,
            touch_test=job.touch_test,
        )
        if job.address.home is None:  # nobody else sees what lies in this one
            _settle(context)
        return result

    def _context(self, address: Address) -> Context:
        """The context at ``address``, opened once.

        Raises:
            NotRecorded: where the store does not answer.
        """
        if self._open is None or self._open[0] != address:
            self._open = address, _opened(address)
        return self._open[1]


def _opened(address: Address) -> Context:
    """The context; a store that does not answer is waited for: it has answered the coordinator, and may restart."""
    deadline = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            return address.open()
        except Unavailable as error:
            if time.monotonic() > deadline:
                raise NotRecorded(f"{platform.node()}: {error}") from error
        interrupts.check()
        time.sleep(LOOK_SECONDS)


def _settle(context: Context) -> None:
    """Send what the store has not got.

    Raises:
        NotRecorded: where it does not take it, with the machine on which it is kept.
    """
    try:
        context.tracker.settle()
    except NotRecorded as error:
        raise NotRecorded(f"{platform.node()}: {error}") from error


class _Lines(Observer):
    """Keeps warnings for the coordinator."""

    def __init__(self) -> None:
        self.all: tuple[str, ...] = ()

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            self.all = (*self.all, line)


@contextmanager
def _stopped_when_unwanted() -> Iterator[None]:
    """Ask the run to stop where it has been taken back, or whoever asked for it is gone."""
    wanted, over = is_wanted(), threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            if not wanted():
                interrupts.request()
                return

    watching = threading.Thread(target=look, name="watching", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
        interrupts.forget()


_desk = _Desk()
