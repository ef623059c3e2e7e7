"""Runs carried out by Dask's workers: processes of this machine or of others, each on one run at a time."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.base.errors import BadInput, HarnessError, one_line
from harness.runs.compute import device_name
from harness.runs.context import Address, Context
from harness.runs.plugin_code import sources_of
from harness.spec.run_spec import RunSpec
from harness.study.execute.at_work import carry_out_job, is_busy
from harness.study.execute.crew import Crew
from harness.study.execute.executor import Executor, OnRecord, Warnings
from harness.study.execute.job import ENDING_ALL, Answer, Job
from harness.study.execute.lending import lent_for
from harness.study.execute.reserved_runs import ReservedRuns
from harness.study.execute.task import Outcome, Task
from harness.study.lease import TakenOver
from harness.track.protocol import FAILURE_TAG

if TYPE_CHECKING:
    from distributed import Client, Future

ATTEMPTS = 2
"""How often a run is begun whose worker dies: it may have been killed for memory that others took."""
ATTEMPTS_ELSEWHERE = 6
"""The same where workers are taken away as a matter of course: jobs are preempted, and have an end."""
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
        worker: its address
        placed: the run as it is carried out
        makes: digests of the runs that it makes
    """

    task: Task
    worker: str
    placed: RunSpec
    makes: frozenset[str]


class Workers(Executor):
    """The workers of a Dask cluster, each of which carries out one run at a time.

    A task waits while another worker makes its run, or the one that it is measured by: so the runs made are those that
    one process after the other would make. Tasks are taken and the observer is told of a run's warnings in the thread
    that asks for outcomes.

    Args:
        context: where runs are recorded, who watches, where files lie
        parent: id of the run that they belong to
        client: of the cluster
        threads: of runs whose spec does not say how many; None: the libraries' own choice
        fresh: a new process for every run, so that no run's peak of memory is another's
        crew: the workers, where more is known of them than the client tells
        address: what workers open the context by; where it names no home they have one each, and get plug-in files
            and the data of cards from here; None: the context's own
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
        crew: Crew | None = None,
        address: Address | None = None,
        then: Callable[[], None] | None = None,
    ) -> None:
        self._context = context
        self._address = address or context.address
        self._parent = parent
        self._client = client
        self._threads = threads
        self._fresh = fresh
        self._crew = crew or Crew(client)
        self._lend = self._address.home is None
        self._has: set[tuple[str, str]] = set()
        self._then = then
        self._reserved = ReservedRuns(context)
        self._busy: dict[Future[Answer], _Assignment] = {}
        self._deaths: dict[Task, int] = {}
        self._closed = False
        self._own = True

    def placed(self, spec: RunSpec) -> RunSpec:
        compute: dict[str, Any] = {}
        if (device := self._crew.device_for(spec.compute.device)) != device_name(spec.compute):
            compute["device"] = device
        if self._threads is not None and spec.compute.threads is None:
            compute["threads"] = self._threads
        return spec.model_copy(update={"compute": spec.compute.model_copy(update=compute)})

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Generator[Outcome, None, None]:
        waiting, held = iter(tasks), list[Task]()
        try:
            while True:
                yield from self._hand_out(waiting, held, on_record)
                if not self._busy:
                    return
                yield from self._collect(held)
        except BaseException as error:
            self._own = not isinstance(error, TakenOver)
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
        if self._own:
            self._end_open("interrupted", "KILLED")

    def _hand_out(self, waiting: Iterator[Task | None], held: list[Task], on_record: OnRecord) -> Iterator[Outcome]:
        """Give every worker that is free a run; what is on record is an outcome at once."""
        blocked: list[Task] = []
        free = self._free()
        while free:
            task = held.pop(0) if held else next(waiting, None)
            if task is None:
                break
            placed, device = self.placed(task.spec), self._crew.device_for(task.spec.compute.device)
            worker = next((worker for worker in free if self._crew.has(worker, device)), None)
            needed = self._reserved.needed_by(placed)
            if worker is None or any(needed & other.makes for other in self._busy.values()):
                blocked.append(task)
                continue
            if outcome := on_record(task):
                yield outcome
                continue
            free.remove(worker)
            if self._equipped(worker, placed):
                self._begin(_Assignment(task, worker, placed, self._reserved.made_by(placed)))
            else:
                blocked.append(task)
        held[:0] = blocked

    def _free(self) -> list[str]:
        """The workers without a run; where nothing is under way one is waited for."""
        busy = {assignment.worker for assignment in self._busy.values()}
        there = self._crew.addresses() if busy else self._crew.first()
        return [worker for worker in there if worker not in busy]

    def _equipped(self, worker: str, spec: RunSpec) -> bool:
        """Lend the worker what it lacks for a run; False where it is gone."""
        if self._lend:
            for lent in lent_for(spec):
                if (worker, lent.digest) not in self._has:
                    (answer,) = self._client.run(lent.take, workers=[worker], on_error="return").values()
                    if isinstance(answer, BadInput):
                        raise answer
                    if answer is not None:
                        return False
                    self._has.add((worker, lent.digest))
        return True

    def _begin(self, assignment: _Assignment) -> None:
        """Nobody but the worker that is free may have it: another one would let it wait, and take it along in dying."""
        task, spec = assignment.task, assignment.placed
        rivals = tuple(tuple(curve) for curve in task.rivals)
        job = Job(spec.model_dump(mode="json"), self._address, self._parent, task.touch_test, rivals)
        future = self._client.submit(carry_out_job, job, pure=False, workers=[assignment.worker], retries=0)
        self._busy[future] = assignment
        self._context.observer.working(assignment.worker, task.name)

    def _collect(self, held: list[Task]) -> Iterator[Outcome]:
        """Outcomes of runs that have come to an end; waits for one, and no longer than workers are not looked at.

        A run whose worker has died is held, to be begun again.
        """
        from distributed import CancelledError, wait

        with suppress(TimeoutError, CancelledError), self._client.as_current():
            wait(list(self._busy), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
        self._check_scheduler()
        there = self._crew.addresses()
        for future, assignment in list(self._busy.items()):
            if not future.done() and assignment.worker in there:
                continue
            del self._busy[future]
            self._context.observer.working(assignment.worker, "")
            outcome = self._outcome(future, assignment)
            if outcome is None:
                held.append(assignment.task)
            else:
                self._crew.worked()
                yield outcome

    def _check_scheduler(self) -> None:
        if self._client.status not in ("running", "connecting") or any(future.cancelled() for future in self._busy):
            where = self._client.scheduler.address if self._client.scheduler else "the scheduler"
            raise HarnessError(f"{where} is gone; the same command goes on where this one stopped")

    def _outcome(self, future: "Future[Answer]", assignment: _Assignment) -> Outcome | None:
        """What became of a run; None where it is to be begun again. What ends all runs is raised."""
        from distributed import KilledWorker

        error = future.exception() if future.done() else None
        if not future.done() or isinstance(error, KilledWorker):
            self._client.cancel(future)
            return self._after_a_death(assignment)
        if error is not None:
            return Outcome(assignment.task, failure=one_line(error))
        return self._answered(future.result(), assignment.task)

    def _after_a_death(self, assignment: _Assignment) -> Outcome | None:
        task = assignment.task
        reason, by_itself = self._crew.death(assignment.worker)
        if by_itself:
            reason += _by_whom(assignment.placed)
        self._end_open(reason, "FAILED", assignment.makes)
        self._deaths[task] = self._deaths.get(task, 0) + 1
        if self._deaths[task] == (ATTEMPTS_ELSEWHERE if self._lend and not by_itself else ATTEMPTS):
            return Outcome(task, failure=reason)
        Warnings(self._context.observer).say(f"warning: {task.name}: {reason}: tried again")
        return None

    def _answered(self, answer: Answer, task: Task) -> Outcome:
        if self._fresh:
            self._begin_anew(answer.worker)
        warnings = Warnings(self._context.observer)
        for line in answer.lines:
            warnings.say(line)
        if answer.ends_all:
            raise ENDING_ALL[answer.ends_all](answer.failure)
        return Outcome(task, answer.result, answer.failure)

    def _begin_anew(self, worker: str) -> None:
        try:
            self._client.restart_workers([worker], timeout=FRESH_SECONDS)
        except TimeoutError as error:
            raise HarnessError(f"worker {worker} has not begun anew within {FRESH_SECONDS:.0f} s") from error

    def _stop(self) -> None:
        """Take back what is under way, and wait until it has been recorded as stopped, within bounds."""
        futures, workers = list(self._busy), [assignment.worker for assignment in self._busy.values()]
        self._busy.clear()
        with suppress(Exception):  # nobody may be there any longer: what is open is ended below
            self._client.cancel(futures)
            deadline = time.monotonic() + STOP_SECONDS
            while (
                time.monotonic() < deadline
                and True in self._client.run(is_busy, workers=workers, on_error="return").values()
            ):
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
