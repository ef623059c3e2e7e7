"""Studies that compare: methods × seeds × points, one run each, all nested in one parent, one table in the end.

Runs that have been finished before are found by their hash, so a grid that was stopped goes on where it stopped and a
grid with more seeds adds only those. A run that fails is recorded with its reason and does not stop the others.
"""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.compute import set_up
from harness.console import Observer
from harness.errors import BadInput, HarnessError, unknown
from harness.experiment import Experiment, coverage, prepare
from harness.metrics.keys import at, group_keys
from harness.overrides import build_spec, merged
from harness.registry import registry
from harness.report.grid import Cell, print_grid, write_grid
from harness.report.scaling import draw_scaling
from harness.run import RunResult, find_finished, run
from harness.spec import RunSpec
from harness.study.isolate import run_isolated
from harness.study.points import GridPoint, budget_of, grid_points
from harness.study.spec import BudgetName, GridSpec, nested
from harness.track import TrackedRun, Tracker
from harness.track.protocol import one_line


@dataclass(frozen=True)
class GridResult:
    """A finished grid: id of the parent run, one cell per point, method and metric, failures by the run's name."""

    id: str
    cells: tuple[Cell, ...]
    failed: Mapping[str, str]


def run_grid(
    name: str,
    study: GridSpec,
    tree: Mapping[str, Any],
    *,
    tracker: Tracker,
    budget: BudgetName = "default",
    observer: Observer | None = None,
    data_folder: Path | None = None,
    offline: bool = False,
    force: bool = False,
) -> GridResult:
    """Run every method with every seed at every point and show the means.

    Args:
        name, study: the study
        tree: the user's overrides; ``method`` there restricts the grid to one method
        force: train again what has been finished before

    Raises:
        BadInput: for anything wrong with any of the specs, before the first run.
    """
    observer = observer or Observer()
    entries = _entries(name, study, tree, budget)
    first = entries[0].spec
    set_up(first.compute)  # a device that is not there is found before anything is recorded
    metrics = study.metrics or _metrics(first)
    values: dict[tuple[GridPoint, str], list[Mapping[str, float]]] = {}
    failed: dict[str, str] = {}
    tags = {"study": name, "dataset": first.dataset_name, "group": first.group}
    title = f"study {name}: {first.dataset_name}"
    with tracker.start(title, {"budget": budget, "runs": len(entries)}, tags) as parent:
        runner = _Runner(tracker, parent.id, observer, data_folder, offline, force, study.isolated)
        for number, entry in enumerate(entries, 1):
            observer.stage(f"{number}/{len(entries)}: {entry.name(', ')}")
            try:
                result = runner.run(entry.spec)
            except BadInput:
                raise
            except HarnessError as error:
                failed[entry.name(" ")] = one_line(error)
                observer.say(f"failed: {one_line(error)}")
                continue
            values.setdefault((entry.point, entry.spec.label), []).append(result.metrics)
            shown = "  ".join(f"{label} {result.metrics.get(key, float('nan')):.4f}" for key, label in metrics.items())
            observer.say(f"  {shown}{'  (finished before)' if result.reused else ''}")
        parent.set_tags({f"failed.{run_name}": reason for run_name, reason in failed.items()})
        if not values:
            raise HarnessError(f"study {name}: all {len(failed)} runs failed")
        cells = tuple(_cells(values, metrics))
        _record(study, title, cells, parent, observer)
    best_first = not study.metrics
    print_grid(cells, f"{title}, test, mean ± standard deviation over seeds", observer, best_first)
    for key in metrics:
        if all(cell.key != key for cell in cells):
            observer.say(f"no run has the metric {key}")
    for run_name, reason in failed.items():
        observer.say(f"failed: {run_name}: {reason}")
    observer.say(f"run    {parent.id}\nstore  {tracker.location}")
    return GridResult(parent.id, cells, failed)


@dataclass(frozen=True, eq=False)
class _Entry:
    """One run of the grid."""

    point: GridPoint
    spec: RunSpec

    def name(self, between: str) -> str:
        """Method, point and seed."""
        return between.join(part for part in (self.spec.label, self.point.name, f"seed {self.spec.seed}") if part)


@dataclass
class _Runner:
    """Carries runs out, here or each in a process of its own."""

    tracker: Tracker
    parent: str
    observer: Observer
    data_folder: Path | None
    offline: bool
    force: bool
    isolated: bool
    shared: dict[str, Experiment] = field(default_factory=dict)
    """The last prepared data, by what they cover: neighbours in the grid have them in common."""

    def run(self, spec: RunSpec) -> RunResult:
        """One run, or the finished one that stands for it."""
        if not self.isolated:
            return self._here(spec)
        if not self.force and (finished := find_finished(spec, self.tracker)):
            return RunResult(finished.id, finished.metrics, reused=True)
        return run_isolated(
            spec,
            tracker=self.tracker,
            parent=self.parent,
            observer=_Quiet(self.observer),
            data_folder=self.data_folder,
            offline=self.offline,
            force=self.force,
        )

    def _here(self, spec: RunSpec) -> RunResult:
        covers = coverage(spec)
        if covers not in self.shared:
            self.shared.clear()
            self.shared[covers] = prepare(spec, None, self.data_folder, self.offline)
        return run(
            spec,
            tracker=self.tracker,
            observer=_Quiet(self.observer),
            offline=self.offline,
            force=self.force,
            experiment=self.shared[covers],
            parent=self.parent,
        )


def _entries(name: str, study: GridSpec, tree: Mapping[str, Any], budget: BudgetName) -> list[_Entry]:
    """All runs: seeds outermost, so that a stopped grid has whole seeds, then points, whose runs share their data."""
    chosen = budget_of(name, study, budget)
    methods: Sequence[str] = chosen.methods or study.methods
    if tree.get("method"):
        method = registry.get("method", tree["method"]).name
        if method not in methods:
            raise unknown(f"method in study '{name}'", method, methods)
        methods = [method]
    own = merged(nested(study.base), nested(chosen.set))
    points = grid_points(name, study, budget, tree)
    seeds = [tree["seed"]] if "seed" in tree else list(chosen.seeds)
    # Methods that read text first: they share one experiment, the others another.
    ordered = sorted(methods, key=lambda method: not registry.get("method", method).needs_text)
    entries = [
        _Entry(point, build_spec(merged(merged(merged(own, tree), point.tree), {"method": method, "seed": seed})))
        for seed in seeds
        for point in points
        for method in ordered
        if not point.methods or method in point.methods
    ]
    if not entries:
        raise BadInput(f"study '{name}', budget {budget}: no point is for {', '.join(methods)}")
    return entries


def _metrics(spec: RunSpec) -> dict[str, str]:
    """What the table shows unless the study says otherwise: key in the tracking store to heading."""
    k = spec.evaluation.headline_k
    keys = {f"test/{at('ndcg', k)}": f"NDCG@{k}", f"test/{at('recall', k)}": f"Recall@{k}"}
    for grouping in spec.groups:
        keys[f"test/{at(f'{grouping}/cv', k)}"] = f"{grouping} CV"
        keys[f"test/{at(f'{grouping}/min25', k)}"] = f"{grouping} MIN"
    return keys | {"training_seconds": "seconds"}


def _cells(
    values: Mapping[tuple[GridPoint, str], Sequence[Mapping[str, float]]], metrics: Mapping[str, str]
) -> list[Cell]:
    cells = []
    for (point, method), runs in values.items():
        for key, heading in metrics.items():
            found = [run[key] for run in runs if key in run]
            if found:
                deviation = statistics.stdev(found) if len(found) > 1 else float("nan")
                cells.append(Cell(method, key, heading, statistics.fmean(found), deviation, len(found), point))
    return cells


def _record(study: GridSpec, title: str, cells: Sequence[Cell], parent: TrackedRun, observer: Observer) -> None:
    """The means as metrics of the parent run; tables and figures as its files."""
    points = group_keys({cell.point.name for cell in cells if cell.point.name})
    means = {}
    for cell in cells:
        place = f"{cell.method}/{points[cell.point.name]}" if cell.point.name else cell.method
        means[f"{place}/{cell.key}"] = cell.mean
    parent.log_metrics(means, step=0)
    with tempfile.TemporaryDirectory() as folder:
        write_grid(cells, Path(folder), best_first=not study.metrics)
        for figure in study.figures:
            if not draw_scaling(figure, cells, title, Path(folder)):
                observer.say(f"figure {figure.file} is left out: it needs two values of {figure.x}")
        parent.log_artifacts(Path(folder))


class _Quiet(Observer):
    """Lets warnings through: the grid has its own lines."""

    def __init__(self, behind: Observer) -> None:
        self._behind = behind

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            self._behind.say(f"  {line}")
