"""What a study's coordinator takes between runs: processor seconds of each of its steps, so that neighbours count less.
What processes take to start, and a worker's first run to import, is by the clock: on a busy machine give it priority.

``python -m benchmarks.coordinator_pace`` measures and writes ``results/coordinator_pace.csv``, which
:mod:`benchmarks.scaling` reads. Optuna's and MLflow's databases are new ones in SQLite. What grows with the trials of a
search is a line through what each of 32 trials took (least squares).
"""

import csv
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil

from benchmarks.run_costs import ARITHMETIC, SMALL, main_study, whole_main
from benchmarks.simulated_workers import Pace
from harness.runs.carry_out import carry_out
from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.spec.selection import BEST_NDCG
from harness.study.declared_metrics import OF_TUNING
from harness.study.execute.own_machine import own_machine
from harness.study.execute.own_process import Here
from harness.study.execute.reserved_runs import ReservedRuns
from harness.study.execute.task import Task
from harness.study.grid import planned_tasks
from harness.study.plan import plan_grid
from harness.study.runner import Runner
from harness.study.trial_storage import RUN_ID, SearchStorage
from harness.study.trials import Search, ask, objectives_of
from harness.study.tuning import Tuned, curve_keys
from harness.track import open_tracker

FILE = Path(__file__).parent / "results" / "coordinator_pace.csv"
TRIALS, TIMES, RUNS = 32, 5, 20


class Measured(NamedTuple):
    """What has been measured.

    Attributes:
        pace: the coordinator's
        first: seconds that a worker's first run takes more than its next one: imports
        trivial: seconds of a worker for a run that trains nothing
    """

    pace: Pace
    first: float
    trivial: float


def measured_pace(file: Path = FILE) -> Measured:
    """From the file that :func:`main` writes."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = {name: tuple(map(float, values)) for name, *values in csv.reader(lines)}
    own = {one.name: rows[one.name] for one in fields(Pace)}
    steps: dict[str, Any] = {name: values if len(values) > 1 else values[0] for name, values in own.items()}
    return Measured(Pace(**steps), *rows["first"], *rows["trivial"])


def measured(folder: Path) -> dict[str, Sequence[float]]:
    """All of :class:`Measured`, by the names in the file."""
    context = Context(open_tracker(f"sqlite:///{folder}/runs.db"), storage=f"sqlite:///{folder}/trials.db")
    found = dict[str, Sequence[float]]()
    found |= _of_processes(context) | _of_searches(context) | _of_records(context)
    spec = next(arm for arm in whole_main().arms if arm.rule != BEST_NDCG).spec(0)
    found["compare"] = [_each(lambda: ReservedRuns(context).needed_by(spec))]
    small = plan_grid("main", main_study(), {}, "default")
    found["plan"] = [_seconds(lambda: list(planned_tasks(small, Tuned()))) / (len(small.arms) * len(small.seeds))]
    return found


def _of_processes(context: Context) -> dict[str, Sequence[float]]:
    """Of trivial runs in a process of its own: the coordinator's share of one, and how processes begin."""
    tree = {"method": "random", "dataset": SMALL, "compute": {"threads": 1}}
    tasks = [Task(build_spec({**tree, "seed": seed}), f"seed {seed}", touch_test=False) for seed in range(RUNS)]
    parent = context.tracker.start("hand out", {}, {}).id
    began = time.perf_counter()
    with own_machine(context, parent) as workers:
        start = time.perf_counter() - began
        clock, theirs, own = [time.perf_counter()], [_of_children()], [time.process_time()]
        for outcome in workers.run(tasks, lambda task: None):
            assert outcome.result is not None, outcome.failure
            clock.append(time.perf_counter())
            theirs.append(_of_children())
            own.append(time.process_time())
    first, *others = np.diff(clock)
    more, trivial = max(0.0, first - statistics.median(others)), statistics.median(np.diff(theirs)[1:])
    return {
        "start": [start],
        "hand_out": [(own[-1] - own[1]) / (len(own) - 2)],
        "first": [more],
        "trivial": [trivial],
    }


def _of_children() -> float:
    """Processor seconds of the processes that this one has started."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))


def _of_searches(context: Context) -> dict[str, Sequence[float]]:
    """Of BiFair's search, which varies most keys."""
    arm = next(arm for arm in whole_main().searches if arm.method == "bifair")
    base, draw = arm.spec(main_study().tuning.seed, rule=BEST_NDCG), np.random.default_rng(0)
    search = Search(arm.variant, base, arm.space, objectives_of(base, OF_TUNING), point=arm.point)
    every: tuple[list[list[float]], ...] = ([], [], [])
    for time_ in range(TIMES):
        with SearchStorage(f"pace {time_}", list(search.objectives.values()), url=context.storage) as storage:
            rows: tuple[list[float], ...] = ([], [], [])
            for _ in range(TRIALS):
                rows[0].append(min(_seconds(storage.trials), _seconds(lambda: storage.trials("RUNNING"))))
                rows[1].append(_seconds(lambda: search.spec(ask(search, storage).params)) - rows[0][-1])
                number = len(storage.trials()) - 1
                rows[2].append(_seconds(partial(_tell, storage, number, draw.random(2).tolist())))
            for kept, row in zip(every, rows, strict=True):
                kept.append(row)
    return dict(zip(("look", "ask", "tell"), map(_line, every), strict=True))


def _tell(storage: SearchStorage, number: int, values: list[float]) -> None:
    storage.note(RUN_ID, number, "0" * 32)
    storage.finish(number, dict(enumerate(values)))  # type: ignore[arg-type]
    _ = storage.optuna.best_trials


def _line(rounds: list[list[float]]) -> list[float]:
    slope, begin = np.polyfit(np.arange(TRIALS), np.median(rounds, axis=0), 1)
    return [max(0.0, float(begin)), max(0.0, float(slope))]


def _of_records(context: Context) -> dict[str, Sequence[float]]:
    """Of runs with as many epochs as usual."""
    parent = context.tracker.start("records", {}, {}).id
    runner = Runner(context, parent, Here(context, parent))
    spec = build_spec({"method": "mf", "dataset": SMALL, "training": {"max_epochs": 30}, "compute": {"threads": 1}})
    run = carry_out(spec, context, parent=parent, touch_test=False).id
    about = {"stage": "trial", "variant": "mf", "point": {}, "params": {}, "number": 0}
    record = runner.record(spec, run=run, **about)
    keep = _each(lambda: (runner.record(spec, run=run, **about), runner.curves([run], curve_keys(record))))
    others = iter(spec.model_copy(update={"seed": seed}) for seed in range(1, 100))
    return {"record": [keep], "look_up": [_each(lambda: runner.on_record(Task(next(others), "", touch_test=False)))]}


def _each(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(RUNS))


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Measure and write."""
    set_up(ARITHMETIC)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder))
    names = [*(one.name for one in fields(Pace)), "first", "trivial"]
    with FILE.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerows([name, *(f"{value:.6f}" for value in found[name])] for name in names)
    print(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
