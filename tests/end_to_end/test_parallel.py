"""Two processes on one study and one store: the same numbers as one, and nobody left behind, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import RunResult
from harness.spec.build import build_spec
from harness.study.execute.own_process import Here
from harness.study.execute.processes import ATTEMPTS, Processes, threads_each, with_threads
from harness.study.execute.task import Outcome, Task
from harness.study.execute.worker import Worker
from harness.study.interrupted_runs import remove_interrupted
from harness.study.runner import Runner
from harness.track import Tracker, open_tracker
from harness.track.memory import MemoryTracker

PLUGIN = Path(__file__).with_name("ways_to_die.py")
SIZES = {"n_users": 200, "n_items": 100, "n_groups": 4, "dim": 8}
START_SECONDS = 300
SOON_SECONDS = 30
"""An interrupted run has ten seconds to record its end; the rest is for a busy machine."""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def task_of(method: str, seed: int, threads: int | None = 1) -> Task:
    tree = {"method": method, "seed": seed, "dataset": "long-tail", "dataset_options": SIZES}
    return Task(build_spec({**tree, "compute": {"threads": threads}}), f"{method} {seed}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("parallel")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(folder))
        with registry.afresh():
            registry.add_file(PLUGIN)
            yield folder


@pytest.fixture(scope="module")
def tracker(home: Path) -> Tracker:
    return open_tracker(f"sqlite:///{home}/runs.db")


@pytest.fixture(autouse=True)
def _no_old_marks(home: Path) -> None:
    for mark in home.glob("training-*"):
        mark.unlink()


@pytest.fixture
def runner_of(tracker: Tracker) -> Iterator[Callable[[int], Runner]]:
    """``runner_of(jobs)``: of a new study, with so many processes, which are closed in the end."""
    with ExitStack() as stack:

        def made(jobs: int) -> Runner:
            context, parent = Context(tracker), tracker.start("study", {}, {}).id
            return Runner(context, parent, stack.enter_context(Processes(context, parent, jobs=jobs)))

        yield made


def measured(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """What does not depend on the clock, by task."""
    found = {}
    for outcome in outcomes:
        assert outcome.result is not None, outcome.failure
        metrics = outcome.result.metrics
        found[outcome.task.name] = {key: metrics[key] for key in metrics if key.startswith(("test/", "validation/"))}
    return found


def test_two_processes_measure_what_one_measures_and_find_each_others_runs(
    tracker: Tracker, runner_of: Callable[[int], Runner]
) -> None:
    tasks = [task_of(method, seed) for seed in range(4) for method in ("most_popular", "random")]
    two = runner_of(2)
    outcomes = list(two.run_all(tasks))
    assert sorted(outcome.task.name for outcome in outcomes) == sorted(task.name for task in tasks)
    assert {id(outcome.task) for outcome in outcomes} == {id(task) for task in tasks}
    children = tracker.children(two.parent)
    assert [child.status for child in children] == ["FINISHED"] * len(tasks)
    here = Context(MemoryTracker())
    one = Runner(here, "", Here(here, ""))
    assert measured(outcomes) == measured(list(one.run_all(tasks)))
    again = runner_of(2)
    for outcome in again.run_all(tasks):
        assert outcome.result is not None
        assert outcome.result.reused
    assert tracker.children(again.parent) == []


def test_a_failure_and_a_crash_stop_no_other_run(tracker: Tracker, runner_of: Callable[[int], Runner]) -> None:
    names = [("wrong", 0), ("killed", 0), ("most_popular", 10), ("random", 10)]
    runner = runner_of(2)
    failures = {outcome.task.name: outcome.failure for outcome in runner.run_all(task_of(*name) for name in names)}
    assert failures.pop("wrong 0").endswith("RuntimeError: two and two are five")
    reason = "its process was killed by SIGKILL (out of memory, if nobody else killed it)"
    assert failures == {
        "killed 0": reason,
        "most_popular 10": "",
        "random 10": "",
    }
    assert (
        sorted(child.status for child in tracker.children(runner.parent))
        == ["FAILED"] * (1 + ATTEMPTS) + ["FINISHED"] * 2
    )


class Instant(Worker):
    """A worker that starts no process; says a warning of each run in its own thread."""

    def run(self, task: Task, *, parent: str, observer: Observer | None = None) -> RunResult:
        assert observer is not None
        observer.say(f"warning: {task.spec.seed}")
        observer.say("no warning")
        return RunResult(str(task.spec.seed), {}, reused=False)


def instantly(jobs: int, tasks: Iterable[Task], observer: Observer | None = None) -> Iterator[Outcome]:
    context = Context(open_tracker("none"), observer or Observer())
    yield from Processes(context, "", jobs=jobs, worker=Instant).run(tasks, on_record=lambda task: None)


def test_a_task_is_taken_when_a_process_is_free_for_it() -> None:
    finished: list[str] = []
    under_way: list[int] = []

    def tasks() -> Iterator[Task]:
        for seed in range(9):
            under_way.append(seed - len(finished))
            yield task_of("most_popular", seed)

    for outcome in instantly(2, tasks()):
        finished.append(outcome.task.name)
    assert sorted(finished) == [f"most_popular {seed}" for seed in range(9)]
    assert max(under_way) == 1


def test_warnings_come_with_their_run_in_the_callers_thread() -> None:
    said: list[tuple[str, int]] = []

    class Lines(Observer):
        def say(self, line: str) -> None:
            said.append((line.strip(), threading.get_ident()))

    tasks = [task_of("most_popular", seed) for seed in range(6)]
    for outcome in instantly(3, tasks, Lines()):
        assert said[-1] == (f"warning: {outcome.task.spec.seed}", threading.get_ident())
    assert len(said) == len(tasks)


def alive(pids: Sequence[int]) -> list[int]:
    found = []
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        found.append(pid)
    return found


def training(home: Path) -> list[int]:
    """Ids of the processes that have begun an endless run."""
    return [int(mark.name.removeprefix("training-")) for mark in home.glob("training-*")]


def until_training(home: Path, wanted: int) -> list[int]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if len(pids := training(home)) == wanted:
            return pids
        time.sleep(0.05)
    raise AssertionError(f"{len(training(home))} of {wanted} runs have begun")


def until_gone(pids: Sequence[int]) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while left := alive(pids):
        assert time.monotonic() < deadline, f"{len(left)} processes are left behind"
        time.sleep(0.05)


def test_leaving_the_iteration_stops_the_runs_under_way(
    tracker: Tracker, home: Path, runner_of: Callable[[int], Runner]
) -> None:
    runner = runner_of(2)
    with closing(runner.run_all([task_of("most_popular", 20), task_of("endless", 0)])) as outcomes:
        assert next(outcomes).task.name == "most_popular 20"
        pids = until_training(home, 1)
    assert alive(pids) == []
    assert sorted(child.status for child in tracker.children(runner.parent)) == ["FINISHED", "KILLED"]


SCRIPT = """
import json
import signal
import sys
from pathlib import Path

from harness.base import interrupts
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.study.execute.processes import Processes
from harness.study.execute.task import Task
from harness.track import open_tracker

interrupts.install()
plugin, store, parent, tree = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
registry.add_file(Path(plugin))
tasks = [Task(build_spec({**tree, "seed": seed}), str(seed)) for seed in range(2)]
try:
    list(Processes(Context(open_tracker(store)), parent, jobs=2).run(tasks, on_record=lambda task: None))
except KeyboardInterrupt:
    sys.exit(130)
"""


def study_of_two_endless_runs(home: Path, parent: str) -> "subprocess.Popen[bytes]":
    tree = json.dumps(task_of("endless", 0).spec.model_dump(mode="json"))
    store = f"sqlite:///{home}/runs.db"
    return subprocess.Popen([sys.executable, "-P", "-c", SCRIPT, str(PLUGIN), store, parent, tree])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_its_parent_and_the_store_can_be_cleaned(
    tracker: Tracker, home: Path, number: signal.Signals
) -> None:
    parent = tracker.start("study", {}, {}).id
    process = study_of_two_endless_runs(home, parent)
    try:
        pids = until_training(home, 2)
        assert len(alive(pids)) == 2
        os.kill(process.pid, number)
        assert process.wait(SOON_SECONDS) == (-signal.SIGKILL if number == signal.SIGKILL else 130)
        until_gone(pids)
    finally:
        process.kill()
        process.wait()
    # One that is too slow to record its end stays open, and is cleaned away all the same.
    assert {child.status for child in tracker.children(parent)} <= {"KILLED", "RUNNING"}
    assert remove_interrupted(tracker, parent) == 2
    assert tracker.children(parent) == []


def test_both_processes_killed_at_once_leave_rows_that_can_be_cleaned(tracker: Tracker, home: Path) -> None:
    parent = tracker.start("study", {}, {}).id
    process = study_of_two_endless_runs(home, parent)
    pids = until_training(home, 2)
    for pid in (process.pid, *pids):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    until_gone(pids)
    assert [child.status for child in tracker.children(parent)] == ["RUNNING", "RUNNING"]
    assert remove_interrupted(tracker, parent) == 2
    assert tracker.children(parent) == []


def test_cores_are_shared_out_and_a_spec_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert [threads_each(jobs) for jobs in (1, 2, 3, 8, 9)] == [None, 4, 2, 1, 1]
    undecided, decided = task_of("random", 0, threads=None).spec, task_of("random", 0, threads=3).spec
    assert with_threads(undecided, 2).compute.threads == 2
    assert with_threads(undecided, 2).digest == undecided.digest
    assert with_threads(decided, 2) is decided
    assert with_threads(undecided, None) is undecided


def test_jobs_that_cannot_be() -> None:
    for tracker, jobs, complaint in (
        (open_tracker("none"), 0, "at least 1"),
        (MemoryTracker(), 2, "not one in memory"),
    ):
        with pytest.raises(BadInput, match=complaint):
            Processes(Context(tracker), "", jobs=jobs)
