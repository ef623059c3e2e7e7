"""Several processes work on the runs of a study at once, each on one run at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from harness.base.errors import BadInput, HarnessError, one_line
from harness.base.full_disk import DiskFull
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import RunResult
from harness.spec.run_spec import RunSpec
from harness.study.execute.executor import Executor, OnRecord, Warnings
from harness.study.execute.reserved_runs import ReservedRuns
from harness.study.execute.task import Outcome, Task
from harness.study.execute.worker import Crashed, Worker

ATTEMPTS = 2
"""How often a run is begun whose process dies: it may have been killed for memory that others took."""


class Processes(Executor):
    """Other processes of this machine, kept from one call of :meth:`run` to the next.

    A task waits while another process makes its run, or the one that it is measured by: so the runs made are those that
    one process after the other would make. Tasks are taken and the observer is told of a run's warnings in the thread
    that asks for outcomes.

    Every run has :func:`threads_each` unless its spec says how many. The number of threads is part of what a finished
    run is known by, so runs are found again under the same ``jobs``.

    Args:
        context: where runs are recorded, who watches, where files lie
        parent: id of the run that they belong to
        jobs: processes at once
        fresh: a new process for every run, so that no run's peak of memory is another's
        worker: makes one that carries out runs, of the context, its threads and ``fresh``

    Raises:
        BadInput: for fewer than one job, or a tracker that other processes cannot record to.
    """

    def __init__(
        self,
        context: Context,
        parent: str,
        *,
        jobs: int = 1,
        fresh: bool = False,
        worker: "Callable[[Context, int | None, bool], Worker]" = Worker,
    ) -> None:
        if jobs < 1:
            raise BadInput(f"jobs={jobs}: at least 1 process is needed")
        self._context = context
        self._parent = parent
        self._jobs = jobs
        self._threads = threads_each(jobs)
        self._workers = [worker(context, self._threads, fresh) for _ in range(jobs)]
        self._reserved = ReservedRuns(context)

    def placed(self, spec: RunSpec) -> RunSpec:
        return with_threads(spec, self._threads)

    def run(self, tasks: Iterable[Task], on_record: OnRecord) -> Iterator[Outcome]:
        waiting, held, retried = iter(tasks), list[Task](), deque[Task]()
        busy: dict[Future[RunResult], _Assignment] = {}
        free = deque(self._workers)
        with ThreadPoolExecutor(self._jobs, "run") as pool:
            try:
                while True:
                    while free and (task := retried.popleft() if retried else next(waiting, None)) is not None:
                        if outcome := on_record(task):
                            yield outcome
                            continue
                        if any(self._reserved.needed_by(task.spec) & other.makes for other in busy.values()):
                            held.append(task)
                            continue
                        placed = replace(task, spec=self.placed(task.spec))
                        makes = self._reserved.made_by(placed.spec)
                        assignment = _Assignment(task, free.popleft(), makes)
                        busy[pool.submit(assignment.carry_out, placed, self._parent)] = assignment
                    if not busy:
                        return
                    for future in wait(busy, return_when=FIRST_COMPLETED).done:
                        assignment = busy.pop(future)
                        free.append(assignment.worker)
                        yield assignment.outcome(future, self._context.observer)
                    retried.extend(held)
                    held.clear()
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Stop all of them before the first one is waited for."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.close()


def threads_each(jobs: int) -> int | None:
    """Threads of each of so many processes: this process's cores, shared out.

    None for a single one: it then has what a run by itself has, and each finds the other's finished runs.
    """
    if jobs == 1:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // jobs)


def with_threads(spec: RunSpec, threads: int | None) -> RunSpec:
    """``spec`` with so many threads, unless it has a number of its own."""
    if threads is None or spec.compute.threads is not None:
        return spec
    return spec.model_copy(update={"compute": spec.compute.model_copy(update={"threads": threads})})


class _Assignment(Observer):
    """A task, the worker that carries it out, and digests of the runs that it makes; keeps lines until it has ended."""

    def __init__(self, task: Task, worker: Worker, makes: frozenset[str]) -> None:
        self.task = task
        self.worker = worker
        self.makes = makes
        self._lines: list[str] = []

    def say(self, line: str) -> None:
        self._lines.append(line)

    def carry_out(self, placed: Task, parent: str) -> RunResult:
        """The run's result; a process that dies is replaced and the run tried again, within bounds."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.worker.run(placed, parent=parent, observer=self)
            except Crashed as error:
                if attempt == ATTEMPTS or self.worker.closed:
                    raise
                self.say(f"warning: {placed.name}: {one_line(error)}: tried again")
        raise AssertionError("the last attempt ends above")

    def outcome(self, future: Future[RunResult], observer: Observer) -> Outcome:
        """What became of it; a bad request is raised, and a full disk."""
        warnings = Warnings(observer)
        for line in self._lines:
            warnings.say(line)
        try:
            return Outcome(self.task, future.result())
        except (BadInput, DiskFull):
            raise
        except HarnessError as error:
            return Outcome(self.task, failure=one_line(error))
