"""Runs in processes of their own: the same numbers, a crash that ends one run, a process that is used again."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.base.errors import BadInput, HarnessError
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.execute.task import Task
from harness.study.execute.worker import Crashed, Worker, why
from harness.study.execute.worker_process import INTERRUPTED, Desk, Job
from harness.track import RecordedRun, Tracker, open_tracker
from harness.track.memory import MemoryTracker
from harness.track.null import NullTracker

PLUGIN = Path(__file__).with_name("ways_to_die.py")
SIZES = {"n_users": 200, "n_items": 100, "n_groups": 4, "dim": 8}
OUT_OF_MEMORY = "its process was killed by SIGKILL (out of memory, if nobody else killed it)"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def spec_of(method: str, seed: int = 0, threads: int | None = 1) -> RunSpec:
    tree = {"method": method, "seed": seed, "dataset": "long-tail", "dataset_options": SIZES}
    return build_spec({**tree, "compute": {"threads": threads}})


def task_of(spec: RunSpec, touch_test: bool = True) -> Task:
    return Task(spec, spec.method, touch_test)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("isolated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(folder))
        with registry.afresh():
            registry.add_file(PLUGIN)
            yield folder


@pytest.fixture(scope="module")
def tracker(home: Path) -> Tracker:
    return open_tracker(f"sqlite:///{home}/runs.db")


@pytest.fixture(scope="module")
def worker(tracker: Tracker) -> Iterator[Worker]:
    with Worker(Context(tracker)) as worker:
        yield worker


@pytest.fixture
def parent(tracker: Tracker) -> str:
    return tracker.start("study", {}, {}).id


def only_child(tracker: Tracker, parent: str) -> RecordedRun:
    (child,) = tracker.children(parent)
    return child


def wait_for_training(home: Path, others: set[str]) -> Path:
    """The mark of an endless run that was not there before."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if new := [mark for mark in home.glob("training-*") if mark.name not in others]:
            return new[0]
        time.sleep(0.02)
    raise AssertionError("the run never began")


def test_a_run_of_its_own_gives_the_same_metrics(worker: Worker, tracker: Tracker, parent: str) -> None:
    there = worker.run(task_of(spec_of("most_popular")), parent=parent)
    here = run(spec_of("most_popular"), Context(MemoryTracker())).metrics
    same = [key for key in here if key.startswith(("test/", "validation/"))]
    assert {key: there.metrics[key] for key in same} == {key: here[key] for key in same}
    assert not there.reused
    recorded = only_child(tracker, parent)
    assert (recorded.id, recorded.status) == (there.id, "FINISHED")
    assert {key: recorded.metrics[key] for key in there.metrics} == there.metrics
    assert recorded.metrics["peak_memory_mb"] > 100


def test_a_run_that_only_selects_leaves_test_data_alone(worker: Worker, parent: str) -> None:
    metrics = worker.run(task_of(spec_of("most_popular", seed=1), touch_test=False), parent=parent).metrics
    assert not [key for key in metrics if key.startswith("test/")]
    assert [key for key in metrics if key.startswith("validation/")]


def test_an_error_in_a_plug_in_is_this_runs_failure_and_the_process_goes_on(
    worker: Worker, tracker: Tracker, parent: str
) -> None:
    worker.run(task_of(spec_of("most_popular")), parent=parent)
    before = worker.pid
    with pytest.raises(
        HarnessError, match=r"method 'wrong' \(ways_to_die.py, line \d+\): RuntimeError: two and two are five"
    ):
        worker.run(task_of(spec_of("wrong")), parent=parent)
    (failed,) = (child for child in tracker.children(parent) if child.status != "FINISHED")
    assert failed.status == "FAILED"
    assert failed.tags["failure"].endswith("RuntimeError: two and two are five")
    assert worker.run(task_of(spec_of("most_popular", seed=2)), parent=parent).metrics
    assert worker.pid == before is not None


def test_a_killed_process_is_recorded_with_its_reason_and_replaced(
    worker: Worker, tracker: Tracker, parent: str
) -> None:
    worker.run(task_of(spec_of("most_popular")), parent=parent)
    before = worker.pid
    with pytest.raises(Crashed) as caught:
        worker.run(task_of(spec_of("killed")), parent=parent)
    assert str(caught.value) == OUT_OF_MEMORY
    (killed,) = (child for child in tracker.children(parent) if child.status != "FINISHED")
    assert (killed.status, killed.tags["failure"]) == ("FAILED", OUT_OF_MEMORY)
    assert worker.run(task_of(spec_of("most_popular", seed=3)), parent=parent).metrics
    assert worker.pid not in (before, None)


def test_kill_9_in_the_middle_of_a_run(worker: Worker, tracker: Tracker, parent: str, home: Path) -> None:
    others = {mark.name for mark in home.glob("training-*")}

    def kill() -> None:
        os.kill(int(wait_for_training(home, others).name.removeprefix("training-")), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(Crashed, match="killed by SIGKILL"):
        worker.run(task_of(spec_of("endless")), parent=parent)
    killer.join()
    assert only_child(tracker, parent).status == "FAILED"


def test_a_process_that_dies_idle_costs_no_run(worker: Worker, parent: str) -> None:
    worker.run(task_of(spec_of("most_popular")), parent=parent)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    time.sleep(0.2)
    assert worker.run(task_of(spec_of("most_popular", seed=4)), parent=parent).metrics


def test_closing_interrupts_the_run_under_way(tracker: Tracker, parent: str, home: Path) -> None:
    others = {mark.name for mark in home.glob("training-*")}
    worker = Worker(Context(tracker))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            worker.run(task_of(spec_of("endless")), parent=parent)
        except HarnessError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    mark = wait_for_training(home, others)
    worker.close()
    thread.join(60)
    assert not thread.is_alive()
    assert [str(error) for error in errors] == ["its process was interrupted"]
    stopped = only_child(tracker, parent)
    assert (stopped.status, stopped.tags["failure"]) == ("KILLED", "interrupted")
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.name.removeprefix("training-")), 0)
    with pytest.raises(HarnessError, match="the worker has been closed"):
        worker.run(task_of(spec_of("most_popular")), parent=parent)


def test_a_fresh_process_for_every_run_where_that_is_asked_for(tracker: Tracker, parent: str) -> None:
    with Worker(Context(tracker), fresh=True) as worker:
        assert worker.run(task_of(spec_of("most_popular", seed=5)), parent=parent).metrics
        assert worker.pid is None


def test_a_bad_request_is_one(worker: Worker, parent: str) -> None:
    wrong = spec_of("most_popular").model_copy(update={"dataset_options": {"n_users": -1}})
    with pytest.raises(BadInput, match="n_users"):
        worker.run(task_of(wrong), parent=parent)


def test_memory_is_no_store_for_other_processes() -> None:
    with pytest.raises(BadInput, match="need a store that other processes can write to, not one in memory"):
        Worker(Context(MemoryTracker()))


def test_neighbours_share_prepared_data_and_not_each_others_threads(home: Path) -> None:
    import torch

    before = torch.get_num_threads()

    def job(spec: RunSpec) -> Job:
        return Job(spec.model_dump(mode="json"), Context(NullTracker(), offline=True).address, "", touch_test=False)

    desk = Desk(io.StringIO())
    torch.set_num_threads(2)
    try:
        assert "finished" in desk.answer(job(spec_of("random", threads=1)))
        shared, asked = desk.last.experiment, torch.get_num_threads()
        assert "finished" in desk.answer(job(spec_of("most_popular", threads=None)))
        assert (asked, torch.get_num_threads()) == (1, 2)
        assert desk.last.experiment is shared is not None
        assert "finished" in desk.answer(job(spec_of("most_popular", seed=1)))
        assert desk.last.experiment is not shared
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("code", "complaints", "reason"),
    [
        (3, "Traceback\n\nMemoryError\n \n", "its process ended with exit code 3: MemoryError"),
        (INTERRUPTED, "noise", "its process was interrupted"),
        (-signal.SIGSEGV, "", "its process was killed by SIGSEGV"),
        (-9, "", OUT_OF_MEMORY),
    ],
)
def test_reasons_name_signals_exit_codes_and_last_words(code: int, complaints: str, reason: str) -> None:
    assert why(code, io.StringIO(complaints)) == reason


def test_warnings_reach_the_observer_and_other_lines_do_not(worker: Worker, parent: str) -> None:
    class Lines(Observer):
        def say(self, line: str) -> None:
            lines.append(line)

    lines: list[str] = []
    tree = spec_of("random").model_dump(mode="json")
    tree["training"]["selection"], tree["evaluation"]["reference"] = "fair_within:0.01", "most_popular"
    worker.run(task_of(build_spec(tree)), parent=parent, observer=Lines())
    assert len(lines) == 1
    assert lines[0].startswith("warning: none_qualifies: no epoch reaches validation NDCG@20")
