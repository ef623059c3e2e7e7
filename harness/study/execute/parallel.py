"""Several processes work on the runs of a study at once, each on one run at a time."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.base.errors import BadInput, HarnessError, one_line
from harness.runs.observer import Observer
from harness.spec.run_spec import RunSpec
from harness.study.execute.runner import Outcome, Task, Warnings
from harness.study.execute.worker import Crashed, Worker
from harness.study.references import made_by, needed_by

if TYPE_CHECKING:
    from harness.runs.run import RunResult
    from harness.study.execute.runner import Runner


ATTEMPTS = 2
"""How often a run is begun whose process dies: it may have been killed for memory that others took."""


def run_in_processes(runner: "Runner", tasks: Iterable[Task]) -> Iterator[Outcome]:
    """The outcomes of ``tasks`` as they come, from ``runner.jobs`` processes.

    A task is taken no sooner than a process is free for it, and waits while another process makes its run, or the one
    that it is measured by: so the runs made are those that one process after the other would make. Tasks are taken and
    the observer is told of a run's warnings in the thread that asks for outcomes. Where the iteration is left, by
    Ctrl-C, say, all processes are stopped and their runs recorded as killed.

    Every run has :func:`threads_each` unless its spec says how many. The number of threads is part of what a finished
    run is known by, so runs are found again under the same ``jobs``.

    Raises:
        BadInput: for fewer than one job, a tracker that other processes cannot record to, or a bad request.
    """
    if runner.jobs < 1:
        raise BadInput(f"jobs={runner.jobs}: at least 1 process is needed")
    threads = threads_each(runner.jobs)
    waiting, held, retried = iter(tasks), list[Task](), deque[Task]()
    busy: dict[Future[RunResult], _Assignment] = {}
    with _workers_of(runner, threads) as workers, ThreadPoolExecutor(runner.jobs, "run") as pool:
        free = deque(workers)
        try:
            while True:
                while free and (task := retried.popleft() if retried else next(waiting, None)) is not None:
                    placed = replace(task, spec=with_threads(task.spec, threads))
                    if known := runner.known(placed):
                        yield replace(known, task=task)
                        continue
                    if any(needed_by(placed.spec) & assignment.makes for assignment in busy.values()):
                        held.append(task)
                        continue
                    assignment = _Assignment(task, free.popleft(), made_by(placed.spec, runner))
                    busy[pool.submit(assignment.carry_out, placed, runner.parent)] = assignment
                if not busy:
                    return
                for future in wait(busy, return_when=FIRST_COMPLETED).done:
                    assignment = busy.pop(future)
                    free.append(assignment.worker)
                    yield assignment.outcome(future, runner.observer)
                retried.extend(held)
                held.clear()
        except BaseException:
            for worker in workers:
                worker.stop()
            raise


@contextmanager
def _workers_of(runner: "Runner", threads: int | None) -> "Iterator[list[Worker]]":
    """The workers that the runner keeps, made when first needed; where it keeps none, new ones, closed in the end."""
    kept = runner.workers
    workers = kept if kept else [_worker(runner, threads) for _ in range(runner.jobs)]
    if kept is not None and not kept:
        kept.extend(workers)
    try:
        yield workers
    except BaseException:
        close_all(workers)
        if kept is not None:
            kept.clear()
        raise
    if kept is None:
        close_all(workers)


def close_all(workers: "Iterable[Worker]") -> None:
    """Stop all of them before the first one is waited for."""
    workers = list(workers)
    for worker in workers:
        worker.stop()
    for worker in workers:
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


def _worker(runner: "Runner", threads: int | None) -> Worker:
    return Worker(
        tracker=runner.tracker,
        data_folder=runner.data_folder,
        offline=runner.offline,
        force=runner.overwrite == "always",
        threads=threads,
        fresh=runner.isolated,
    )


class _Assignment(Observer):
    """A task, the worker that carries it out, and digests of the runs that it makes; keeps lines until it has ended."""

    def __init__(self, task: Task, worker: Worker, makes: frozenset[str]) -> None:
        self.task = task
        self.worker = worker
        self.makes = makes
        self._lines: list[str] = []

    def say(self, line: str) -> None:
        self._lines.append(line)

    def carry_out(self, placed: Task, parent: str) -> "RunResult":
        """The run's result; a process that dies is replaced and the run tried again, within bounds."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.worker.run(
                    placed.spec, parent=parent, observer=self, touch_test=placed.touch_test, rivals=placed.rivals
                )
            except Crashed as error:
                if attempt == ATTEMPTS or self.worker.closed:
                    raise
                self.say(f"warning: {placed.name}: {one_line(error)}: tried again")
        raise AssertionError("the last attempt ends above")

    def outcome(self, future: "Future[RunResult]", observer: Observer) -> Outcome:
        """What became of it; a bad request is raised."""
        warnings = Warnings(observer)
        for line in self._lines:
            warnings.say(line)
        try:
            return Outcome(self.task, future.result())
        except BadInput:
            raise
        except HarnessError as error:
            return Outcome(self.task, failure=one_line(error))
