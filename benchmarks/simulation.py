"""A study in virtual time: the real plan, searches and order of tasks; simulated are workers, and the coordinator's pace.

What is asked when comes from the generators that a real study is made by (:func:`harness.study.trials.tasks`,
:func:`~harness.study.trials.first_ready`, :func:`harness.study.grid.planned_tasks`). Tasks are handed out as
:class:`harness.study.execute.workers.Workers` does it, the waits for a reference's run included. The coordinator does
one thing at a time; each of its steps takes what has been measured of it. Nothing is drawn at random here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from harness.runs.context import Context
from harness.runs.run import RunResult
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG
from harness.study.declared_metrics import OF_TUNING
from harness.study.execute.executor import Executor, OnRecord
from harness.study.execute.task import Outcome, Task
from harness.study.grid import planned_tasks
from harness.study.plan import GridPlan, PlannedArm
from harness.study.runner import Runner
from harness.study.trial_storage import SearchStorage
from harness.study.trials import Search, first_ready, objectives_of, tasks
from harness.study.tuning import Tuned

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
        compare: to see whether a run would be made twice, for each run under way
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
        last: the end of the last run
    """

    def __init__(self, workers: int, seconds: Seconds, clock: Clock, pace: Pace | None = None) -> None:
        self.worked = self.last = 0.0
        self._seconds, self._clock, self._pace = seconds, clock, pace or Pace()
        self._before: list[Task | None] = [None] * workers
        self._busy: dict[int, tuple[float, Task, frozenset[str]]] = {}
        self._finished: set[str] = set()
        self._needs: dict[Task, frozenset[str]] = {}

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
            self._clock.spend("on record?", self._pace.look_up)
            if self._is_made_by_another(task):
                blocked.append(task)
            else:
                self._begin(task, free.pop(0))
        held[:0] = blocked

    def _is_made_by_another(self, task: Task) -> bool:
        needs, compared = self._needed_by(task), 0
        for _, _, made in self._busy.values():
            compared += 1
            if needs & made:
                break
        else:
            needs = frozenset()
        self._clock.spend("made by another?", compared * self._pace.compare)
        return bool(needs)

    def _begin(self, task: Task, worker: int) -> None:
        self._clock.spend("hand out", self._pace.hand_out)
        seconds = self._seconds(task, self._before[worker])
        made = frozenset({task.spec.digest} | (self._needed_by(task) - self._finished))
        self.worked += seconds
        self._busy[worker] = (self._clock.now + seconds, task, made)

    def _collect(self) -> Iterator[Outcome]:
        """Those that have come to an end at their turn; time goes on to the first end where nobody has yet."""
        self._clock.now = max(self._clock.now, min(end for end, _, _ in self._busy.values()))
        for worker, (end, task, made) in list(self._busy.items()):
            if end <= self._clock.now:
                del self._busy[worker]
                self._before[worker], self.last = task, max(self.last, end)
                self._finished |= made
                yield Outcome(task, RunResult(task.name, {}, reused=False))

    def _needed_by(self, task: Task) -> frozenset[str]:
        if task not in self._needs:
            spec = task.spec
            both = {spec.digest, reference_of(spec).digest} if has_reference(spec) else {spec.digest}
            self._needs[task] = frozenset(both)
        return self._needs[task]


class SimulatedStorage(SearchStorage):
    """Trials without a database."""

    def __init__(self, clock: Clock, pace: Pace) -> None:
        self._clock, self._pace = clock, pace
        self._made: list[SimpleNamespace] = []
        self._running: list[SimpleNamespace] = []
        self.optuna: Any = SimpleNamespace(ask=self._ask)

    def trials(self, *states: str) -> list[Any]:
        self._spend("trials", self._pace.look)
        return self._running if states == ("RUNNING",) else self._made

    def first(self, params: Mapping[str, Any]) -> None:
        """What the parameters are changes nothing here."""

    def told(self, number: int) -> None:
        """A trial has finished, and is shown under its number."""
        self._spend("tell", self._pace.tell)
        self._running = [trial for trial in self._running if trial.number != number]
        self.rank(number)

    def rank(self, number: int) -> int:
        self.trials()
        return number

    def _ask(self, _: Mapping[str, Any]) -> Any:
        self._spend("ask", self._pace.ask)
        trial = SimpleNamespace(number=len(self._made), params={})
        self._made.append(trial)
        self._running = [*self._running, trial]
        return trial

    def _spend(self, what: str, pace: tuple[float, float]) -> None:
        self._clock.spend(what, pace[0] + pace[1] * len(self._made))


class SimulatedSearch(Search):
    """A search whose trials are all called by its base: what they are does not matter to when they are made."""

    def spec(self, params: Mapping[str, Any]) -> RunSpec:
        return self.base


@dataclass(frozen=True)
class Simulated:
    """What a simulated study took.

    Attributes:
        seconds: from its start to the last record
        tuned: until every trial was on record
        worked: of all workers together
        spent: of the coordinator, by what it did
    """

    seconds: float
    tuned: float
    worked: float
    spent: Mapping[str, float]

    @property
    def coordinator(self) -> float:
        """The share of the time in which the coordinator worked."""
        return sum(self.spent.values()) / self.seconds


class SimulatedStudy:
    """A study that compares, planned once and simulated as often as one likes.

    Attributes:
        searches: each with its number of trials, in the order in which they begin
        compared: the runs after tuning, in their order
    """

    def __init__(self, plan: GridPlan) -> None:
        self.searches = [(_search_of(plan, arm, seed), plan.trials_of(arm)) for seed in plan.tuning_seeds for arm in plan.searches]
        self.compared = list(planned_tasks(plan, Tuned()))

    def on(self, workers: int, seconds: Seconds, pace: Pace | None = None) -> Simulated:
        """Carried out by so many workers."""
        pace, clock = pace or Pace(), Clock()
        clock.spend("start", pace.start)
        executor = SimulatedWorkers(workers, seconds, clock, pace)
        runner, storages = Runner(Context(), "", executor), dict[int, SimulatedStorage]()

        def begin(search: Search, trials: int) -> Iterator[Task | None]:
            storage = storages[id(search)] = SimulatedStorage(clock, pace)
            yield from tasks(search, storage, runner, trials)

        for outcome in executor.run(first_ready(begin(*one) for one in self.searches)):
            storages[id(outcome.task.note.search)].told(outcome.task.note.number)
        for storage in storages.values():
            for number in range(len(storage.trials())):
                storage.rank(number)
                clock.spend("record", pace.record)
        tuned = clock.now
        clock.spend("plan", pace.plan * len(self.compared))
        made = sum(1 for _ in executor.run(self.compared))
        clock.spend("record", pace.record * made)
        return Simulated(clock.now, tuned, executor.worked, clock.spent)


def _search_of(plan: GridPlan, arm: PlannedArm, seed: int) -> Search:
    base = arm.spec(seed, rule=BEST_NDCG)
    return SimulatedSearch(arm.variant, base, arm.space, objectives_of(base, OF_TUNING), point=arm.point)
