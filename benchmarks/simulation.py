"""A study in virtual time: the real plan, searches and order of tasks; simulated are workers and the pace.

What is asked when comes from the generators that a real study is made by (:func:`harness.study.trials.tasks`,
:func:`~harness.study.trials.first_ready`, :func:`harness.study.grid.planned_tasks`); who carries it out are
:class:`~benchmarks.simulated_workers.SimulatedWorkers`. Nothing is trained, and nothing is chosen: whatever trials
would teach, as many come after them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from benchmarks.simulated_workers import Clock, Pace, Seconds, SimulatedWorkers
from harness.runs.context import Context
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG
from harness.study.declared_metrics import OF_TUNING
from harness.study.execute.task import Task
from harness.study.grid import planned_tasks
from harness.study.plan import GridPlan, PlannedArm
from harness.study.runner import Runner
from harness.study.trial_storage import SearchStorage
from harness.study.trials import Search, first_ready, objectives_of, tasks
from harness.study.tuning import Tuned


class SimulatedStorage(SearchStorage):
    """Trials without a database.

    Args:
        at_once: how many may be under way although a search learns; what is true of a search is 1
    """

    def __init__(self, clock: Clock, pace: Pace, at_once: int = 1) -> None:
        self._clock, self._pace, self._at_once = clock, pace, at_once
        self._made: list[SimpleNamespace] = []
        self._running: list[SimpleNamespace] = []
        self.optuna: Any = SimpleNamespace(ask=self._ask)

    def trials(self, *states: str) -> list[Any]:
        self._spend("trials", self._pace.look)
        if states != ("RUNNING",):
            return self._made
        return self._running if len(self._running) >= self._at_once else []

    def next_has(self, params: Mapping[str, Any]) -> None:
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
        trial = SimpleNamespace(number=len(self._made), params={"trial": len(self._made)})
        self._made.append(trial)
        self._running = [*self._running, trial]
        return trial

    def _spend(self, what: str, pace: tuple[float, float]) -> None:
        self._clock.spend(what, pace[0] + pace[1] * len(self._made))


class SimulatedSearch(Search):
    """A search whose trials differ in their seed alone: what they are does not matter to when they are made."""

    def spec(self, params: Mapping[str, Any]) -> RunSpec:
        return self.base.model_copy(update={"seed": self.base.seed + params["trial"]})


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
        self.searches = [
            (_search_of(plan, arm, seed), plan.trials_of(arm)) for seed in plan.tuning_seeds for arm in plan.searches
        ]
        self.compared = list(planned_tasks(plan, Tuned()))

    def on(self, workers: int, seconds: Seconds, pace: Pace | None = None, at_once: int = 1) -> Simulated:
        """Carried out by so many workers, with as many trials of a search under way as it has learned enough for."""
        pace, clock = pace or Pace(), Clock()
        clock.spend("start", pace.start)
        executor = SimulatedWorkers(workers, seconds, clock, pace)
        runner, storages = Runner(Context(), "", executor), dict[int, SimulatedStorage]()

        def begin(search: Search, trials: int) -> Iterator[Task | None]:
            storage = storages[id(search)] = SimulatedStorage(clock, pace, at_once)
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
