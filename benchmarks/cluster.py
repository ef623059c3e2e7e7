"""What Dask's workers cost: seconds of runs by one worker and by two, beyond those of the same runs in this process.

Runs have one thread each and are recorded in a new SQLite store. Workers have made a run before the clock starts (their
first one imports everything; it is measured apart). In turn, round by round: this process, one worker, two workers, and
two processes that know nothing of each other, which shows what two runs at a time take from each other on these cores.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.table import Table
from benchmarks.two_processes import TwoProcesses
from harness.base import paths
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.study.execute.executor import Executor
from harness.study.execute.own_machine import own_machine
from harness.study.execute.own_process import Here
from harness.study.execute.task import Task
from harness.study.runner import Runner
from harness.track import open_tracker

SIZES = {"n_users": 1500, "n_items": 1200, "n_groups": 6}
LONG_SECONDS = 20.0
ROUNDS, SHORT, LONG = 5, 20, 4
"""Rounds of short runs, and runs in each round."""
LONG_ROUNDS = 2
HERE, ONE, TWO, PLAIN = "this process", "1 worker", "2 workers", "2 plain processes"
Makers = dict[str, Callable[[Context, str], Executor]]
MAKERS: Makers = {
    HERE: Here,
    ONE: lambda context, parent: own_machine(context, parent, jobs=1),
    TWO: lambda context, parent: own_machine(context, parent, jobs=2),
    PLAIN: TwoProcesses,
}
_seeds = count()


def tables() -> Iterator[Table]:
    """Short runs, then long ones."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        paths.choose_home(Path(folder) / "home")
        tracker = open_tracker(f"sqlite:///{folder}/runs.db")
        parent = stack.enter_context(tracker.start("benchmark", {}, {}))
        context = Context(tracker)
        runners, starts = {}, {}
        for name, make in MAKERS.items():
            began = time.perf_counter()
            executor = stack.enter_context(make(context, parent.id))
            runner = runners[name] = Runner(context, parent.id, executor)
            _seconds(runner, 2, epochs=1)
            starts[name] = time.perf_counter() - began
        short = _in_turn(runners, SHORT, 1, ROUNDS)
        yield _table("Short runs", short, SHORT, starts)
        epochs = _epochs_of(LONG_SECONDS, runners[HERE])
        yield _table(f"Runs of about {LONG_SECONDS:.0f} s", _in_turn(runners, LONG, epochs, LONG_ROUNDS), LONG, None)
    paths.choose_home(None)


def _in_turn(runners: dict[str, Runner], runs: int, epochs: int, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            found[name].append(_seconds(runner, runs, epochs))
    return found


def _seconds(runner: Runner, runs: int, epochs: int) -> float:
    """Of so many runs, none of which is on record."""
    tasks = [_task(next(_seeds), epochs) for _ in range(runs)]
    began = time.perf_counter()
    outcomes = list(runner.run_all(tasks))
    taken = time.perf_counter() - began
    assert all(outcome.result is not None and not outcome.result.reused for outcome in outcomes)
    return taken


def _task(seed: int, epochs: int) -> Task:
    tree: dict[str, Any] = {
        "method": "alpharec",
        "dataset": "long-tail",
        "dataset_options": SIZES,
        "encoder": {"name": "random"},
        "evaluation": {"origins": False},
        # What is prepared is the same for all, as in a study's trials.
        "config": {"learning_rate": 1e-3 + seed * 1e-9},
        "training": {"max_epochs": epochs, "patience": epochs},
        "compute": {"threads": 1},
    }
    return Task(build_spec(tree), f"run {seed}")


def _epochs_of(seconds: float, runner: Runner) -> int:
    """How many epochs take so long here."""
    few, many = (_seconds(runner, 1, epochs) for epochs in (2, 12))
    return max(2, round(10 * seconds / (many - few)))


def _table(title: str, seconds: dict[str, list[float]], runs: int, starts: dict[str, float] | None) -> Table:
    rows = []
    for name, found in seconds.items():
        workers = 1 if name in (HERE, ONE) else 2
        beyond = [(workers * own - here) / runs for own, here in zip(found, seconds[HERE], strict=True)]
        faster = [one / own for own, one in zip(found, seconds[ONE], strict=True)]
        started = [] if starts is None else [f"{starts[name]:.1f}"]
        per_run = statistics.median(found) / runs
        rows.append(
            [
                name,
                f"{per_run:.3f}",
                f"{statistics.median(beyond):+.3f}",
                f"{100 * statistics.median(beyond) / (statistics.median(seconds[HERE]) / runs):+.1f} %",
                f"{statistics.median(faster):.2f}",
                *started,
            ]
        )
    columns = ["", "seconds per run", "beyond this process, s of a worker", "the same in %", "times one worker"]
    columns += [] if starts is None else ["start and two first runs, s"]
    notes = [f"{runs} runs in each of {len(seconds[HERE])} rounds; medians over rounds, differences within a round"]
    return Table(title, columns, rows, notes)
