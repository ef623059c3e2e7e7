"""Runs carried out by Dask's workers: processes of this machine or of others, each on one run at a time."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from harness.base.errors import HarnessError, one_line
from harness.runs.context import Context
from harness.runs.plugin_code import sources_of
from harness.spec.run_spec import RunSpec
from harness.study.execute.at_work import carry_out_job, is_busy
from harness.study.execute.deaths import Deaths
from harness.study.execute.executor import Executor, OnRecord, Warnings
from harness.study.execute.job import ENDING_ALL, Answer, Job
from harness.study.execute.reserved_runs import ReservedRuns
from harness.study.execute.task import Outcome, Task
from harness.study.execute.threads import with_threads
from harness.track.protocol import FAILURE_TAG

if TYPE_CHECKING:
    from distributed import Client, Future

ATTEMPTS = 2
"""How often a run is begun whose worker dies: it may have been killed for memory that others took."""
LOOK_SECONDS = 2.0
"""How often is looked for workers that have come or gone while runs are under way."""
STOP_SECONDS = 10.0
"""How long runs under way are given to record that they were stopped."""
FRESH_SECONDS = 60.0
"""How long a worker may take to begin anew."""


@dataclass(frozen=True)
class _Assignment:
    """A task in a worker's hands.

    Attributes:
        task: as it was given
        placed: as it is carried out
        makes: digests of the runs that it makes
        attempt: from 1
    """

    task: Task
    placed: RunSpec
    makes: frozenset[str]
    attempt: int = 1


class Workers(Executor):
    """The workers of a Dask cluster, each with one thread, which carries out one run at a time.

    A task waits while another worker makes its run, or the one that it is measured by: so the runs made are those that
    one process after the other would make. Tasks are taken and the observer is told of a run's warnings in the thread
    that asks for outcomes.

    Args:
        context: where runs are recorded, who watches, where files lie
        parent: id of the run that they belong to
        client: of the cluster
        threads: of runs whose spec does not say how many; None: the libraries' own choice
        fresh: a new process for every run, so that no run's peak of memory is another's
        deaths: knows why workers die
        then: called when it has been closed

    Raises:
        BadInput: for a tracker that other processes cannot record to.
    """

    def __init__(
        self,
        context: Context,
        parent: str,
        client: "Client",
        *,
        threads: int | None = 1,
        fresh: bool = False,
        deaths: Deaths | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        self._context = context
        self._address = context.address
        self._parent = parent
        self._client = client
        self._threads = threads
        self._fresh = fresh
        self._deaths = deaths or Deaths(client)
        self._then = then
        self._reserved = ReservedRuns(context)
        self._busy: dict[Future[Answer], _Assignment] = {}
        self._closed = False

    def placed(self, spec: RunSpec) -> RunSpec:
        return with_threads(spec, self._threads)

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Iterator[Outcome]:
        waiting, held = iter(tasks), list[Task]()
        try:
            while True:
                yield from self._hand_out(waiting, held, on_record)
                if not self._busy:
                    return
                yield from self._collect()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop what is under way and record its end. Workers themselves end with their cluster."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._busy:
                self._stop()
        finally:
            if self._then is not None:
                self._then()
        self._end_open("interrupted", "KILLED")

    def _hand_out(self, waiting: Iterator[Task | None], held: list[Task], on_record: OnRecord) -> Iterator[Outcome]:
        """Give every worker that is free a run; what is on record is an outcome at once."""
        blocked: list[Task] = []
        while len(self._busy) < self._workers():
            task = held.pop(0) if held else next(waiting, None)
            if task is None:
                break
            if outcome := on_record(task):
                yield outcome
            elif any(self._reserved.needed_by(task.spec) & other.makes for other in self._busy.values()):
                blocked.append(task)
            else:
                placed = self.placed(task.spec)
                self._begin(_Assignment(task, placed, self._reserved.made_by(placed)))
        held[:0] = blocked

    def _workers(self) -> int:
        """How many there are; where nothing is under way one is waited for."""
        while not (found := len(self._client.nthreads())) and not self._busy:
            self._client.wait_for_workers(1)
        return found

    def _begin(self, assignment: _Assignment) -> None:
        task, spec = assignment.task, assignment.placed
        rivals = tuple(tuple(curve) for curve in task.rivals)
        job = Job(spec.model_dump(mode="json"), self._address, self._parent, task.touch_test, rivals)
        self._busy[self._client.submit(carry_out_job, job, pure=False)] = assignment

    def _collect(self) -> Iterator[Outcome]:
        """Outcomes of runs that have come to an end; waits for one, and no longer than workers are not looked at."""
        from distributed import wait

        with suppress(TimeoutError), self._client.as_current():
            wait(list(self._busy), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
        for future in [future for future in self._busy if future.done()]:
            assignment = self._busy.pop(future)
            outcome = self._outcome(future, assignment)
            if outcome is None:
                self._begin(replace(assignment, attempt=assignment.attempt + 1))
            else:
                yield outcome

    def _outcome(self, future: "Future[Answer]", assignment: _Assignment) -> Outcome | None:
        """What became of a run; None where it is to be begun again. A bad request is raised."""
        from distributed import KilledWorker

        task = assignment.task
        if future.status in ("cancelled", "lost"):
            where = self._client.scheduler.address if self._client.scheduler else "the scheduler"
            raise HarnessError(f"{where} is gone; the same command goes on where this one stopped")
        error: Any = future.exception()
        if isinstance(error, KilledWorker):
            reason, by_itself = self._deaths.of(error.last_worker.pid)
            if by_itself:
                reason += _by_whom(assignment.placed)
            self._end_open(reason, "FAILED", assignment.makes)
            if assignment.attempt < ATTEMPTS:
                Warnings(self._context.observer).say(f"warning: {task.name}: {reason}: tried again")
                return None
            return Outcome(task, failure=reason)
        if error is not None:
            return Outcome(task, failure=one_line(error))
        answer = future.result()
        future.release()
        if self._fresh:
            self._client.restart_workers([answer.worker], timeout=FRESH_SECONDS)
        warnings = Warnings(self._context.observer)
        for line in answer.lines:
            warnings.say(line)
        if answer.ends_all:
            raise ENDING_ALL[answer.ends_all](answer.failure)
        return Outcome(task, answer.result, answer.failure)

    def _stop(self) -> None:
        """Take back what is under way, and wait until it has been recorded as stopped, within bounds."""
        futures = list(self._busy)
        self._busy.clear()
        with suppress(Exception):  # nobody may be there any longer: what is open is ended below
            self._client.cancel(futures)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline and any(self._client.run(is_busy).values()):
                time.sleep(0.1)

    def _end_open(self, reason: str, status: Literal["FAILED", "KILLED"], specs: frozenset[str] | None = None) -> None:
        """End the runs that dead or stopped workers have left open; those of ``specs`` alone where that is given."""
        for child in self._context.tracker.children(self._parent):
            if child.status != "RUNNING" or (specs is not None and child.tags.get("spec") not in specs):
                continue
            recorded = self._context.tracker.resume(child.id)
            if recorded is not None:
                recorded.set_tags({FAILURE_TAG: reason})
                recorded.end(status)


def _by_whom(spec: RunSpec) -> str:
    """Whose code may have ended a process: that of plug-ins from elsewhere; else nothing."""
    files = sorted({path.name for path in sources_of(spec)})
    return f" (it ran plug-ins of {', '.join(files)})" if files else ""
