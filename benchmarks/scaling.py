"""How long ``main`` takes at its budget ``full`` on 1 … 256 workers: **a simulation**, made of measured parts.

![makespan against workers](scaling.svg)

*Real* are the plan, the order of the runs and what waits for what: they come from the functions that a study is made
by. A search has one trial under way, its first five aside; what else is free goes to the searches after it; the
comparison begins when all trials are on record; a run waits for the one that it is measured by. *Measured* are the
seconds of each method's runs, of the coordinator's steps and of a worker's start, in processor seconds of one thread.
*Simulated* are the workers, which work at once without being in each other's way (a core, and its share of the memory's
bandwidth, for each), on databases in SQLite beside the coordinator.

*Assumed*: a trial trains as many epochs as its method did at its defaults, times a factor that is drawn, the same in
every simulation, from those between trials in `results/main-default`; 60 at most. Each of the eight points takes what
MovieLens-100K takes, which is hard on the coordinator, or what MovieLens-1M takes; the study's other data are larger
and have not been measured. Data and vectors are cached on every worker; nothing fails; the report is not counted.

**What it says** (two to eight workers are used well in either case). With runs of seconds, as on MovieLens-100K, the
coordinator is the limit from 64 workers on, which take 20 minutes; more of them gain next to nothing. With runs of
minutes, as on MovieLens-1M, it is not: 64 workers are 39 times as fast as one, and from there on the limit is the
slowest search, whose trials follow each other. The check, on a machine without other work: simulated studies take 4 and
7 % longer than real ones.

`python -m benchmarks.run_costs` and `python -m benchmarks.coordinator_pace` measure, `python -m benchmarks scaling`
simulates and writes this page.
"""

import os
from collections.abc import Iterator, Mapping
from copy import copy
from itertools import groupby
from pathlib import Path
from random import Random

from matplotlib.figure import Figure

from benchmarks.coordinator_pace import Measured, measured_pace
from benchmarks.run_costs import LARGE, SMALL, costs, whole_main
from benchmarks.simulated_workers import Pace, needed_by
from benchmarks.simulation import Simulated, SimulatedStudy
from benchmarks.simulation_check import checked
from benchmarks.table import Table
from harness.runs.saved_figure import save_figure
from harness.study.execute.task import Task
from harness.study.records import Record, read_records
from harness.study.trials import RANDOM_TRIALS, Asked, Search

FOLDER = Path(__file__).parent.parent / "docs"
RECORDS = Path(__file__).parent.parent / "results" / "main-default"
WORKERS = tuple(2**power for power in range(9))
MANY = (16, 64, 256)
MOST_EPOCHS = 60
NAMES = {SMALL: "MovieLens-100K", LARGE: "MovieLens-1M"}


class RunSeconds:
    """What runs of ``main`` take a worker, with the times of one data set at every point.

    Args:
        data: which
        first: what a worker's first run takes more
    """

    def __init__(self, data: str, first: float) -> None:
        known = costs()
        self.costs = {label: cost for (name, label), cost in known.items() if name == data}
        self.epochs = {label: cost.epochs for (name, label), cost in known.items() if name == SMALL}
        self._first, self._factors = first, _factors()

    def __call__(self, task: Task, before: Task | None) -> float:
        trial = isinstance(task.note, Asked)
        label = task.note.search.label if trial else task.note.arm.variant
        cost, drawn = self.costs[label], Random(f"{label} {_data(task)} {task.note.number if trial else task.name}")
        epochs = min(MOST_EPOCHS, self.epochs[label] * drawn.choice(self._factors))
        seconds = cost.around + epochs * cost.epoch + (0.0 if trial else cost.test)
        prepares = before is None or _data(before) != _data(task)
        return seconds + (cost.prepare if prepares else 0.0) + (self._first if before is None else 0.0)


def _data(task: Task) -> tuple[str, int]:
    """The point and the seed of the split: what a worker keeps from one run to the next."""
    if isinstance(task.note, Asked):
        return task.note.search.point.key, task.note.search.base.seed
    return task.note.arm.point.key, task.spec.seed


def _factors() -> list[float]:
    """Epochs of each recorded trial over the mean of its method's."""

    def variant(record: Record) -> str:
        return record.variant

    factors = []
    for _, records in groupby(sorted(read_records(RECORDS).stage("trial"), key=variant), variant):
        epochs = [record.metrics["epochs"] for record in records if record.finished]
        factors += [one * len(epochs) / sum(epochs) for one in epochs]
    return factors


def chain(study: SimulatedStudy, seconds: RunSeconds) -> float:
    """The least that any number of workers takes: the longest search, then the longest run and what it waits for."""
    runs = {task.spec.digest: seconds(task, task) for task in study.compared}
    last = max(sum(runs[digest] for digest in needed_by(task)) for task in study.compared)
    return last + max(_length(one, seconds) for one in study.searches)


def _length(one: tuple[Search, int], seconds: RunSeconds) -> float:
    """Of a search on its own: its first trials at once, the others one after the other."""
    search, trials = one
    tasks = [Task(search.base, "", note=Asked(search, number, {})) for number in range(trials)]
    each = [seconds(task, task) for task in tasks]
    return max(each[:RANDOM_TRIALS]) + sum(each[RANDOM_TRIALS:])


def tables() -> Iterator[Table]:
    """What was measured, what is simulated of it, what would change it, and the check."""
    given, study = measured_pace(), SimulatedStudy(whole_main())
    yield _runs()
    yield _coordinator(given)
    curves: dict[str, list[Simulated]] = {}
    for data, name in NAMES.items():
        seconds = RunSeconds(data, given.first)
        curves[name] = [study.on(workers, seconds, given.pace) for workers in WORKERS]
        free = [study.on(workers, seconds) for workers in WORKERS]
        yield _makespans(name, curves[name], free, chain(study, seconds))
    _draw(curves)
    for data, name in NAMES.items():
        yield _changed(name, study, RunSeconds(data, given.first), given)
    yield _check()


def _runs() -> Table:
    rows = []
    known = costs()
    for (data, label), cost in known.items():
        if data == SMALL:
            large = known[LARGE, label]
            trial = (cost.around + cost.epochs * cost.epoch, large.around + cost.epochs * large.epoch)
            seconds = (cost.epoch, trial[0], cost.test, large.epoch, trial[1], large.test)
            rows.append([label, f"{cost.epochs:.0f}", *(f"{one:.3g}" for one in seconds)])
    columns = ("an epoch, s", "a trial, s", "test, s")
    both = [f"{name}: {column}" for name in NAMES.values() for column in columns]
    return Table("Measured: runs", ("method", "epochs", *both), rows, ["epochs: on MovieLens-100K, used for both"])


def _coordinator(given: Measured) -> Table:
    pace = given.pace
    grows = {"to list a search's trials (and filter them)": pace.look, "to ask Optuna for one": pace.ask}
    grows["to tell Optuna of one"] = pace.tell
    steps = {
        "to see that a run is not on record": pace.look_up,
        "to see whether another run makes it": pace.compare,
        "to hand out a run and take its answer": pace.hand_out,
        "to keep a run among the study's records": pace.record,
        "to make the spec of a run of the comparison": pace.plan,
        "to start processes": pace.start,
        "a worker's first run takes more": given.first,
    }
    rows = [[name, f"{1e3 * (one[0] + 16 * one[1]):.1f} ms with 16 trials"] for name, one in grows.items()]
    rows += [[name, f"{1e3 * one:.1f} ms"] for name, one in steps.items()]
    return Table("Measured: the coordinator", ("step", "takes"), rows)


def _makespans(name: str, simulated: list[Simulated], free: list[Simulated], longest: float) -> Table:
    alone, rows = simulated[0], []
    for workers, one, without in zip(WORKERS, simulated, free, strict=True):
        speed_up = alone.seconds / one.seconds
        bounds = {"work": one.worked / workers, "chain": longest, "coordinator": one.coordinator * one.seconds}
        times = (one.seconds, without.seconds)
        shares = (speed_up / workers, one.coordinator)
        rows.append(
            [
                str(workers),
                *map(_hours, times),
                f"{speed_up:.1f}",
                *(f"{share:.0%}" for share in shares),
                max(bounds, key=lambda bound: bounds[bound]),
            ]
        )
    columns = ("workers", "makespan", "with a coordinator that takes no time", "speed-up", "efficiency")
    notes = [
        f"{_hours(alone.worked)} of work; the longest chain, which no number of workers shortens, takes "
        f"{_hours(longest)}: the trials of the slowest search one after the other, the first {RANDOM_TRIALS} at once, "
        "then its run and the one it is measured by",
        "the limit: the largest of work over workers, longest chain and what the coordinator does",
    ]
    title = f"Simulated: every point takes what {name} takes"
    return Table(title, (*columns, "coordinator busy", "the limit"), rows, notes)


def _changed(name: str, study: SimulatedStudy, seconds: RunSeconds, given: Measured) -> Table:
    """What other engines would do; none of them is this one."""
    pace = given.pace
    sorted_ = copy(study)
    sorted_.searches = sorted(study.searches, key=lambda one: -_length(one, seconds))
    changed: Mapping[str, tuple[SimulatedStudy, Pace, int]] = {
        "as it is": (study, pace, 1),
        "four trials of a search at once": (study, pace, 4),
        "the longest searches first": (sorted_, pace, 1),
        "both": (sorted_, pace, 4),
    }
    rows = [
        [what, *(_hours(one.on(workers, seconds, pace, at_once).seconds) for workers in MANY)]
        for what, (one, pace, at_once) in changed.items()
    ]
    notes = [
        "four at once: as a search that supposes results of those under way (constant liar) would ask; other trials "
        "would come of it",
    ]
    return Table(f"Simulated: what would change it, {name}", ("engine", *(f"{n} workers" for n in MANY)), rows, notes)


def _check() -> Table:
    rows = []
    for workers in (1, 2):
        real, simulated = checked(workers)
        rows.append([str(workers), f"{real:.1f} s", f"{simulated:.1f} s", f"{simulated / real - 1:+.1%}"])
    load = f"{os.getloadavg()[0]:.0f} processes wanted to run on {os.cpu_count()} cores meanwhile"
    notes = [
        "22 runs that sleep for six seconds or two: two searches of eight trials, then three seeds of each",
        f"{load}: what is not sleep then takes longer than the processor seconds that are simulated",
    ]
    return Table("Check: a real study on real workers", ("workers", "real", "simulated", "difference"), rows, notes)


def _draw(curves: Mapping[str, list[Simulated]]) -> None:
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, simulated in curves.items():
        (line,) = axes.plot(WORKERS, [one.seconds / 3600 for one in simulated], marker="o", label=name)
        ideal = [simulated[0].seconds / 3600 / workers for workers in WORKERS]
        axes.plot(WORKERS, ideal, linestyle=":", color=line.get_color())
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(WORKERS, [str(workers) for workers in WORKERS])
    axes.set_xlabel("workers (dotted: as many times as fast)")
    axes.set_ylabel("hours, simulated")
    axes.legend()
    save_figure(figure, FOLDER / "scaling.svg", metadata={"Date": None})


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.2f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"
