"""The mathematics of the simulation: closed forms, bounds, and what the real order of runs asks for."""

from math import ceil
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulated_workers import Clock, Pace, Seconds, SimulatedWorkers
from benchmarks.simulation import SimulatedStudy
from harness.spec.build import build_spec
from harness.study.execute.task import Task
from harness.study.plan import plan_grid
from harness.study.study_spec import GridSpec, load_study
from harness.study.trials import RANDOM_TRIALS, Asked

MANY = 1_000
TRIALS = 8
TASKS = [Task(build_spec({"method": "random", "dataset": "long-tail", "seed": n}), f"{n}", note=n) for n in range(12)]


def makespan(durations: list[float], workers: int, pace: Pace | None = None) -> float:
    """Of independent tasks, each as long as is said."""
    clock = Clock()
    executor = SimulatedWorkers(workers, lambda task, _: durations[task.note], clock, pace)
    assert len(list(executor.run(TASKS[: len(durations)]))) == len(durations)
    assert executor.worked == pytest.approx(sum(durations))
    return clock.now


@pytest.fixture(scope="module")
def study() -> SimulatedStudy:
    """Three searches, and one seed of five arms, two of which wait for AlphaRec's run."""
    declared = cast(GridSpec, load_study("main"))
    return SimulatedStudy(plan_grid("main", declared, {}, "smoke", seeds=1, trials=TRIALS))


def one_second(task: Task, before: Task | None) -> float:
    return 1.0


@pytest.mark.parametrize("workers", [1, 2, 3, 5, 12, 20])
@pytest.mark.parametrize("n", [1, 7, 12])
def test_equal_tasks_take_as_many_rounds_as_workers_need(n: int, workers: int) -> None:
    assert makespan([2.5] * n, workers) == ceil(n / workers) * 2.5


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=len(TASKS)), st.integers(1, 15))
def test_no_work_is_lost_and_nobody_idles(durations: list[float], workers: int) -> None:
    taken, work, longest = makespan(durations, workers), sum(durations), max(durations)
    assert taken >= max(longest, work / workers) - 1e-9
    assert taken <= work / workers + (1 - 1 / workers) * longest + 1e-9, "Graham's bound"


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=len(TASKS)))
def test_one_worker_waits_for_the_coordinator(durations: list[float]) -> None:
    pace = Pace(look_up=0.5, hand_out=0.25)
    assert makespan(durations, 1, pace) == pytest.approx(sum(durations) + 0.75 * len(durations))


def test_a_coordinator_that_is_slower_than_the_runs_is_the_limit() -> None:
    assert makespan([1.0] * 12, 12, Pace(hand_out=2.0)) == 12 * 2.0 + 1.0


def test_a_worker_pays_for_its_start_once() -> None:
    clock = Clock()
    executor = SimulatedWorkers(3, lambda _, before: 1.0 if before else 5.0, clock)
    assert len(list(executor.run(TASKS))) == 12
    assert executor.worked == 3 * 5.0 + 9 * 1.0


def test_one_worker_makes_one_run_after_the_other(study: SimulatedStudy) -> None:
    assert study.on(1, one_second).seconds == 3 * TRIALS + 5


def test_however_many_workers_a_search_that_learns_has_one_trial_under_way(study: SimulatedStudy) -> None:
    taken = study.on(MANY, one_second)
    assert taken.tuned == 1 + (TRIALS - RANDOM_TRIALS)
    assert taken.seconds == taken.tuned + 2, "the run that others are measured by comes before theirs"
    assert study.on(MANY, one_second, at_once=TRIALS).tuned == 1


def test_the_longest_search_is_the_least_time_of_tuning(study: SimulatedStudy) -> None:
    def seconds(task: Task, before: Task | None) -> float:
        return 10.0 if isinstance(task.note, Asked) and task.note.search.label == "bifair" else 1.0

    assert study.on(MANY, seconds).tuned == 10 * (1 + TRIALS - RANDOM_TRIALS)


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8])
def test_more_workers_never_take_longer_than_one_and_never_beat_their_number(
    study: SimulatedStudy, workers: int
) -> None:
    seconds: Seconds = one_second
    alone, several = study.on(1, seconds), study.on(workers, seconds)
    assert alone.seconds / workers <= several.seconds <= alone.seconds
    assert several.worked == alone.worked


def test_what_the_coordinator_does_is_added_up(study: SimulatedStudy) -> None:
    pace = Pace(start=3.0, look=(0.0, 0.1), ask=(1.0, 0.0), tell=(2.0, 0.0), look_up=0.5, record=0.25, plan=4.0)
    taken = study.on(1, one_second, pace)
    runs = 3 * TRIALS
    assert taken.spent["ask"] == runs * 1.0
    assert taken.spent["tell"] == runs * 2.0
    assert taken.spent["plan"] == 5 * 4.0
    assert taken.spent["on record?"] == (runs + 5) * 0.5
    assert taken.spent["record"] == (runs + 5) * 0.25
    assert taken.spent["trials"] > 0
    assert taken.seconds == pytest.approx(taken.worked + sum(taken.spent.values()))
    assert study.on(1, one_second, pace) == taken, "the same every time"
