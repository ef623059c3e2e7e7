"""Workers in virtual time: a discrete-event loop that hands tasks out as the real one does it.

Tasks are handed out as :class:`harness.study.execute.workers.Workers` has it, the waits for a run that others are
measured by included. The coordinator does one thing at a time, and each of its steps takes what its :class:`Pace` says.
Nothing is drawn at random here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from harness.runs.on_record import RunResult
from harness.spec.reference import has_reference, reference_of
from harness.study.execute.executor import Executor, OnRecord
from harness.study.execute.task import Outcome, Task

Seconds = Callable[[Task, Task | None], float]
"""What a task takes a worker that carried out another one before; None: it has carried out none."""


@dataclass(frozen=True)
class Pace:
    """Seconds that the coordinator takes; where there are two, with no trial in a search, and more with each one.

    Attributes:
        start: until all workers are there
        look: to list the trials of a search
        ask: to have parameters for a trial, its run's spec included
        tell: to note a finished trial
        look_up: to see that a run is not on record
        compare: to see whether a run would be made twice
        hand_out: to hand out a run and take its answer
        record: to keep a finished run among the study's records
        plan: to make the spec of a run of the comparison
    """

    start: float = 0.0
    look: tuple[float, float] = (0.0, 0.0)
    ask: tuple[float, float] = (0.0, 0.0)
    tell: tuple[float, float] = (0.0, 0.0)
    look_up: float = 0.0
    compare: float = 0.0
    hand_out: float = 0.0
    record: float = 0.0
    plan: float = 0.0


@dataclass
class Clock:
    """The coordinator's: what time it is, and how much of it went into its own work, by kind."""

    now: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)

    @property
    def working(self) -> float:
        """Seconds of its own work."""
        return sum(self.spent.values())

    def spend(self, what: str, seconds: float) -> None:
        self.now += seconds
        self.spent[what] = self.spent.get(what, 0.0) + seconds


class SimulatedWorkers(Executor):
    """Workers without processes.

    Attributes:
        worked: seconds of all runs
    """

    def __init__(self, workers: int, seconds: Seconds, clock: Clock, pace: Pace | None = None) -> None:
        self.worked = 0.0
        self._seconds, self._clock, self._pace = seconds, clock, pace or Pace()
        self._before: list[Task | None] = [None] * workers
        self._busy: dict[int, tuple[float, Task, frozenset[str]]] = {}
        self._finished: set[str] = set()

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord | None = None) -> Iterator[Outcome]:
        """Outcomes as they come. Nothing is on record."""
        waiting, held = iter(tasks), list[Task]()
        while True:
            self._hand_out(waiting, held)
            if not self._busy:
                return
            yield from self._collect()

    def close(self) -> None:
        """There is nothing to put away."""

    def _hand_out(self, waiting: Iterator[Task | None], held: list[Task]) -> None:
        blocked: list[Task] = []
        free = [worker for worker in range(len(self._before)) if worker not in self._busy]
        while free:
            task = held.pop(0) if held else next(waiting, None)
            if task is None:
                break
            self._clock.spend("made by another?", self._pace.compare)
            if any(needed_by(task) & made for _, _, made in self._busy.values()):
                blocked.append(task)
                continue
            self._clock.spend("on record?", self._pace.look_up)
            self._begin(task, free.pop(0))
        held[:0] = blocked

    def _begin(self, task: Task, worker: int) -> None:
        self._clock.spend("hand out", self._pace.hand_out)
        seconds = self._seconds(task, self._before[worker])
        made = frozenset({task.spec.digest} | (needed_by(task) - self._finished))
        self.worked += seconds
        self._busy[worker] = (self._clock.now + seconds, task, made)

    def _collect(self) -> Iterator[Outcome]:
        """Those that have come to an end at their turn; time goes on to the first end where nobody has yet."""
        self._clock.now = max(self._clock.now, min(end for end, _, _ in self._busy.values()))
        for worker, (end, task, made) in list(self._busy.items()):
            if end <= self._clock.now:
                del self._busy[worker]
                self._before[worker] = task
                self._finished |= made
                yield Outcome(task, RunResult(task.name, {}, reused=False))


def needed_by(task: Task) -> frozenset[str]:
    """Digests of the run and of the one that it is measured by, as
    :class:`~harness.study.execute.reserved_runs.ReservedRuns` has it."""
    if task not in _needs:
        spec = task.spec
        both = {spec.digest, reference_of(spec).digest} if has_reference(spec) else {spec.digest}
        _needs[task] = frozenset(both)
    return _needs[task]


_needs = WeakKeyDictionary[Task, frozenset[str]]()
