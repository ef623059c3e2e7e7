"""Runs in a process of their own: their memory and time are their own, and a crash ends nothing but the run.

The process is told what to do by lines of JSON on its standard input and answers by lines of JSON on its standard
output; whatever else writes there is sent to standard error, of which the last line is kept for the reason of a crash.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from harness.base.closing import Closing
from harness.base.errors import HarnessError
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.plugin_code import sources_of
from harness.runs.run import RunResult
from harness.spec.run_spec import RunSpec
from harness.study.execute.task import Task
from harness.study.execute.worker_process import ENDING_ALL, INTERRUPTED, PATIENCE_SECONDS, Job
from harness.track.protocol import FAILURE_TAG

# -P: the working directory is no place to import from (a checkout's folder "datasets" would hide a library).
COMMAND = (sys.executable, "-P", "-c", "from harness.study.execute.worker_process import main; main()")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")


class Crashed(HarnessError):
    """The process of a run ended without an answer."""


class Worker(Closing):
    """A process that carries out runs one after the other and keeps data that they share; started when first needed.

    Where it crashes the next run gets a new one. It never outlives the process that it was started by. ``run`` is for
    one thread at a time; ``stop`` and ``close`` are for any.

    Args:
        context: where runs are recorded, which other processes must be able to, and where files lie
        threads: of runs whose spec does not say how many; None: the libraries' own choice
        fresh: a new process for every run, so that no run's peak of memory is another's

    Raises:
        BadInput: for a tracker that other processes cannot record to.
    """

    def __init__(self, context: Context, threads: int | None = None, fresh: bool = False) -> None:
        self._tracker = context.tracker
        self._address = context.address
        self._threads = threads
        self._fresh = fresh
        self._process: _Process | None = None
        self._changing = threading.Lock()
        self._running = threading.Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it has been stopped: it begins no other run."""
        return self._closed

    @property
    def pid(self) -> int | None:
        """Its process, where there is one."""
        process = self._process
        return None if process is None else process.pid

    def run(self, task: Task, *, parent: str, observer: Observer | None = None) -> RunResult:
        """:func:`harness.runs.run.carry_out` in the process; the observer is told of warnings.

        Raises:
            BadInput: for a bad request.
            Crashed: where the process ends without an answer. The run is then recorded as failed, with the reason.
            HarnessError: with the reason, where the run fails or raises anything.
        """
        rivals = tuple(tuple(curve) for curve in task.rivals)
        job = Job(task.spec.model_dump(mode="json"), self._address, parent, task.touch_test, rivals)
        with self._running:
            process = self._ready()
            try:
                started, answer = process.ask(job, observer or Observer())
            except BaseException:
                self._let_go(process)
                raise
            reason = self._let_go(process) if self._fresh or not answer else ""
        if "finished" in answer:
            return RunResult(**answer["finished"])
        if "failed" in answer:
            raise ENDING_ALL.get(answer["kind"], HarnessError)(answer["failed"])
        reason += _by_whom(process.code, task.spec)
        if started is not None and process.code != INTERRUPTED:  # one that is interrupted records its end itself
            self._record_end(started, reason)
        raise Crashed(reason)

    def stop(self) -> None:
        """Interrupt the run under way, if there is one, and begin no other; does not wait."""
        with self._changing:
            self._closed = True
            if self._process is not None:
                self._process.stop()

    def close(self) -> None:
        """:meth:`stop`, and wait until the process has ended; a second call does nothing."""
        self.stop()
        if (process := self._process) is not None:
            process.wait()
            with self._running:
                self._let_go(process)

    def _ready(self) -> "_Process":
        """The process, or a new one where there is none or it has died meanwhile."""
        with self._changing:
            if self._closed:
                raise HarnessError("the worker has been closed: it begins no other run")
            if self._process is not None and not self._process.alive:
                self._process.end()
                self._process = None
            if self._process is None:
                self._process = _Process(self._threads)
            return self._process

    def _let_go(self, process: "_Process") -> str:
        """End the process; in words, why it ended."""
        reason = process.end()
        with self._changing:
            self._process = None
        return reason

    def _record_end(self, run_id: str, reason: str) -> None:
        """End the run that the dead process left open."""
        recorded = self._tracker.resume(run_id)
        if recorded is not None:
            recorded.set_tags({FAILURE_TAG: reason})
            recorded.end("KILLED" if self._closed else "FAILED")


class _Process:
    """A process and the pipes to it."""

    def __init__(self, threads: int | None) -> None:
        own = {} if threads is None else dict.fromkeys(THREAD_VARIABLES, str(threads))
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - end() closes
        self._popen = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            encoding="utf-8",
            env={**os.environ, **own},
        )
        self._asked_at = 0
        self._reason: str | None = None

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code, once it has ended; minus the signal that ended it."""
        return self._popen.returncode

    def ask(self, job: Job, observer: Observer) -> tuple[str | None, Mapping[str, Any]]:
        """Send a job; the run's id once it has begun, and the last word on it (empty where the process ended)."""
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._asked_at = os.fstat(self._complaints.fileno()).st_size
        started = None
        with suppress(OSError, ValueError):  # dead or stopped: its silence will say so
            self._popen.stdin.write(json.dumps(asdict(job)) + "\n")
            self._popen.stdin.flush()
        for line in self._popen.stdout:
            if not line.endswith("\n"):
                break  # it died while it spoke
            message = json.loads(line)
            if "started" in message:
                started = message["started"]
            elif "say" in message:
                observer.say(message["say"])
            else:
                return started, message
        return started, {}

    def stop(self) -> None:
        """No more jobs will come: an idle process ends, a busy one is interrupted."""
        assert self._popen.stdin is not None
        with suppress(OSError):  # it has died with something unread
            self._popen.stdin.close()

    def wait(self) -> None:
        """Wait for its end, which may still have to be recorded, and no longer than that."""
        try:
            self._popen.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def end(self) -> str:
        """Stop it, wait, put everything away; in words, why it ended. A second call only says that again."""
        if self._reason is None:
            assert self._popen.stdout is not None
            self.stop()
            self.wait()
            self._popen.stdout.close()
            with self._complaints:
                self._complaints.seek(self._asked_at)
                self._reason = why(self._popen.returncode, self._complaints)
        return self._reason


def _by_whom(code: int | None, spec: RunSpec) -> str:
    """Whose code may have ended a process that nobody has killed: that of plug-ins from elsewhere; else nothing."""
    files = sorted({path.name for path in sources_of(spec)})
    by_itself = code is not None and code >= 0 and code != INTERRUPTED
    return f" (it ran plug-ins of {', '.join(files)})" if files and by_itself else ""


def why(code: int, complaints: IO[str]) -> str:
    """Why a process ended without an answer, from its exit code and its last line on standard error."""
    lines = [line.strip() for line in complaints if line.strip()]
    last = f": {lines[-1][:300]}" if lines else ""
    if code == INTERRUPTED:
        return "its process was interrupted"
    if code >= 0:
        return f"its process ended with exit code {code}{last}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = " (out of memory, if nobody else killed it)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}{last}"
