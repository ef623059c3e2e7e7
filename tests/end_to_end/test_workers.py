"""Workers of this machine: the same numbers as one process, a crash that ends one run, and nobody left behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import dask
import pytest

from harness.base.errors import BadInput
from harness.base.process import PROCESS
from harness.cli.app import main
from harness.plugins.registry import registry
from harness.runs.checkpoint_files import all_files
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.spec.build import build_spec
from harness.study.execute.own_machine import own_machine
from harness.study.execute.own_process import Here
from harness.study.execute.task import Outcome, Task
from harness.study.execute.workers import ATTEMPTS
from harness.study.interrupted_runs import remove_interrupted
from harness.study.runner import Runner
from harness.track import Tracker, open_tracker
from harness.track.memory import MemoryTracker

PLUGIN = Path(__file__).with_name("ways_to_die.py")
SIZES = {"n_users": 200, "n_items": 100, "n_groups": 4, "dim": 8}
START_SECONDS = 300
SOON_SECONDS = 30
"""An interrupted run has ten seconds to record its end; the rest is for a busy machine."""
OUT_OF_MEMORY = "its process was killed by SIGKILL (out of memory, if nobody else killed it)"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def task_of(method: str, seed: int = 0, touch_test: bool = True, **spec: object) -> Task:
    tree = {"method": method, "seed": seed, "dataset": "long-tail", "dataset_options": SIZES, "compute": {"threads": 1}}
    return Task(build_spec({**tree, **spec}), f"{method} {seed}", touch_test)


class Lines(Observer):
    """What was said, and in which thread."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int]] = []

    def say(self, line: str) -> None:
        self.said.append((line.strip(), threading.get_ident()))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("workers")
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
def runner_of(tracker: Tracker) -> Iterator[Callable[..., Runner]]:
    """``runner_of(jobs)``: of a new study, with so many workers, which are closed in the end."""
    with ExitStack() as stack:

        def made(jobs: int, fresh: bool = False, observer: Observer | None = None) -> Runner:
            context, parent = Context(tracker, observer or Observer()), tracker.start("study", {}, {}).id
            return Runner(context, parent, stack.enter_context(own_machine(context, parent, jobs=jobs, fresh=fresh)))

        yield made


def measured(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """What does not depend on the clock, by task."""
    found = {}
    for outcome in outcomes:
        assert outcome.result is not None, outcome.failure
        metrics = outcome.result.metrics
        found[outcome.task.name] = {key: metrics[key] for key in metrics if key.startswith(("test/", "validation/"))}
    return found


def test_two_workers_measure_what_one_process_measures_and_find_each_others_runs(
    tracker: Tracker, runner_of: Callable[..., Runner]
) -> None:
    methods = ("most_popular", "random", "mf")
    tasks = [task_of(method, seed, training={"max_epochs": 2}) for seed in range(3) for method in methods]
    two, under_way, done = runner_of(2), list[int](), list[Outcome]()

    def as_taken() -> Iterator[Task]:
        for number, task in enumerate(tasks):
            under_way.append(number - len(done))
            yield task

    for outcome in two.run_all(as_taken()):
        done.append(outcome)
    assert max(under_way) == 1, "a task is taken when a worker is free for it"
    assert {id(outcome.task) for outcome in done} == {id(task) for task in tasks}
    assert [child.status for child in tracker.children(two.parent)] == ["FINISHED"] * len(tasks)
    assert len({child.tags[PROCESS] for child in tracker.children(two.parent)}) == 2
    here = Context(MemoryTracker())
    one = Runner(here, "", Here(here, ""))
    assert measured(done) == measured(list(one.run_all(tasks)))
    again = Runner(two.context, tracker.start("study", {}, {}).id, two.executor)
    for outcome in again.run_all(tasks):
        assert outcome.result is not None
        assert outcome.result.reused
    assert tracker.children(again.parent) == []


def test_a_failure_and_a_crash_stop_no_other_run(tracker: Tracker, runner_of: Callable[..., Runner]) -> None:
    lines = Lines()
    runner = runner_of(2, observer=lines)
    tasks = [task_of("wrong"), task_of("killed"), task_of("most_popular", 10), task_of("random", 10)]
    failures = {outcome.task.name: outcome.failure for outcome in runner.run_all(tasks)}
    wrong = "method 'wrong' (ways_to_die.py, line 26): RuntimeError: two and two are five"
    assert failures == {
        "wrong 0": wrong,
        "killed 0": OUT_OF_MEMORY,
        "most_popular 10": "",
        "random 10": "",
    }
    statuses = sorted(child.status for child in tracker.children(runner.parent))
    assert statuses == ["FAILED"] * (1 + ATTEMPTS) + ["FINISHED"] * 2
    reasons = {child.tags.get("failure", "") for child in tracker.children(runner.parent)}
    assert reasons == set(failures.values())
    retried = [line for line, _ in lines.said if line.endswith("tried again")]
    assert sorted(retried) == [f"warning: {name}: {failures[name]}: tried again" for name in ("killed 0",)]


def test_one_worker_keeps_its_process_and_what_neighbours_share(
    home: Path, tracker: Tracker, runner_of: Callable[..., Runner]
) -> None:
    runner = runner_of(1)
    groups = {"group": "counted", "groups": ["counted"]}
    tasks = [task_of("most_popular", **groups), task_of("random", **groups), task_of("random", 1, **groups)]
    for outcome in runner.run_all(tasks):
        assert outcome.result is not None, outcome.failure
    assert len({child.tags[PROCESS] for child in tracker.children(runner.parent)}) == 1
    assert (home / "counted").read_text() == "assigned\n" * 2, "once for the split of each seed"


def test_a_fresh_process_for_every_run_where_that_is_asked_for(
    tracker: Tracker, runner_of: Callable[..., Runner]
) -> None:
    # Dask gives up a process that begins anew when another one has some seconds before; here at once.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}):
        runner = runner_of(1, fresh=True)
        with runner.executor:
            outcomes = list(runner.run_all(task_of("most_popular", seed) for seed in (30, 31, 32)))
    for outcome in outcomes:
        assert outcome.result is not None, outcome.failure
        assert outcome.result.metrics["peak_memory_mb"] > 100
    assert len({child.tags[PROCESS] for child in tracker.children(runner.parent)}) == 3


def test_a_run_that_only_selects_leaves_test_data_alone(runner_of: Callable[..., Runner]) -> None:
    (outcome,) = runner_of(1).run_all([task_of("most_popular", 40, touch_test=False)])
    assert outcome.result is not None
    assert not [key for key in outcome.result.metrics if key.startswith("test/")]
    assert [key for key in outcome.result.metrics if key.startswith("validation/")]


def test_warnings_come_with_their_run_in_the_callers_thread(runner_of: Callable[..., Runner]) -> None:
    lines = Lines()
    spec = {"training": {"selection": "fair_within:0.01"}, "evaluation": {"reference": "most_popular"}}
    for outcome in runner_of(1, observer=lines).run_all([task_of("random", seed, **spec) for seed in (50, 51)]):
        said, thread = lines.said[-1]
        assert said.startswith("warning: none_qualifies: no epoch reaches validation NDCG@20"), outcome
        assert thread == threading.get_ident()
    assert len(lines.said) == 2


def test_a_bad_request_is_one(runner_of: Callable[..., Runner]) -> None:
    wrong = task_of("most_popular").spec.model_copy(update={"dataset_options": {"n_users": -1}})
    runner = runner_of(1)
    with pytest.raises(BadInput, match="n_users"):
        list(runner.executor.run([Task(wrong, "wrong")], on_record=lambda task: None))


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


def test_a_worker_that_is_killed_idle_costs_no_run(tracker: Tracker, runner_of: Callable[..., Runner]) -> None:
    runner = runner_of(1)
    for seed in (60, 61):
        (outcome,) = runner.run_all([task_of("most_popular", seed)])
        assert outcome.result is not None, outcome.failure
        (process,) = {child.tags[PROCESS] for child in tracker.children(runner.parent) if child.id == outcome.result.id}
        os.kill(int(process), signal.SIGKILL)
    assert [child.status for child in tracker.children(runner.parent)] == ["FINISHED"] * 2


def test_ctrl_c_stops_the_runs_under_way(tracker: Tracker, home: Path, runner_of: Callable[..., Runner]) -> None:
    runner = runner_of(2)
    patient = task_of("patient", training={"max_epochs": 10_000, "patience": 10_000})
    pids: list[int] = []

    def _ask_to_stop() -> None:
        pids.extend(until_training(home, 2))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    asking = threading.Thread(target=_ask_to_stop)
    asking.start()
    with pytest.raises(KeyboardInterrupt):
        list(runner.run_all([task_of("most_popular", 20), task_of("endless"), patient]))
    asking.join()
    until_gone(pids)
    (checkpoint,) = all_files()
    assert checkpoint.name.startswith(patient.spec.digest)
    children = {child.tags["method"]: child for child in tracker.children(runner.parent)}
    assert {name: child.status for name, child in children.items()} == {
        "most_popular": "FINISHED",
        "endless": "KILLED",
        "patient": "KILLED",
    }
    assert children["endless"].tags["failure"] == "interrupted"


SCRIPT = """
import json
import signal
import sys
from pathlib import Path

from harness.base import interrupts
from harness.plugins.registry import registry
from harness.runs.checkpoint_files import all_files
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.study.execute.own_machine import own_machine
from harness.study.execute.task import Task
from harness.track import open_tracker

interrupts.install()
plugin, store, parent, tree = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
registry.add_file(Path(plugin))
tasks = [Task(build_spec({**tree, "seed": seed}), str(seed)) for seed in range(2)]
try:
    list(own_machine(Context(open_tracker(store)), parent, jobs=2).run(tasks, on_record=lambda task: None))
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


def test_without_dask_it_is_said_what_to_install_before_anything_is_recorded(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    store = home / "without.db"
    assert main(["run", "--study", "methods", "--jobs", "2", "--tracking-uri", f"sqlite:///{store}", "--plain"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith('need Dask: pip install "bifair-harness[cluster]"')
    assert not store.exists()


@pytest.mark.parametrize(
    ("tracker", "jobs", "complaint"),
    [(open_tracker("none"), 0, "at least 1"), (MemoryTracker(), 2, "not one in memory")],
)
def test_jobs_that_cannot_be(tracker: Tracker, jobs: int, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        own_machine(Context(tracker), "", jobs=jobs)


def test_the_environment_of_the_calling_process_is_its_own(tracker: Tracker) -> None:
    def own() -> dict[str, str]:  # a store says how long it waits by MLflow's variables
        return {name: os.environ[name] for name in os.environ if not name.startswith(("PYTEST_", "MLFLOW_"))}

    before = own()
    with own_machine(Context(tracker), tracker.start("study", {}, {}).id, jobs=1):
        pass
    assert own() == before
