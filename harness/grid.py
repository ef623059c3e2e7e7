"""Studies that compare: methods × seeds, one run each, all nested in one parent, one table in the end.

Runs that have been finished before are found by their hash, so a grid that was stopped goes on where it stopped and a
grid with more seeds adds only those. A run that fails is recorded with its reason and does not stop the others.
"""

import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.compute import set_up
from harness.console import Observer
from harness.errors import BadInput, HarnessError, unknown
from harness.experiment import Experiment, coverage, prepare
from harness.metrics.keys import at
from harness.overrides import build_spec, merged
from harness.registry import registry
from harness.report.grid import Cell, print_grid, write_grid
from harness.run import run
from harness.spec import RunSpec
from harness.study_spec import BudgetName, GridSpec, nested
from harness.track import Tracker
from harness.track.protocol import one_line


@dataclass(frozen=True)
class GridResult:
    """A finished grid: id of the parent run, one cell per method and metric, failures by "method seed"."""

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
    """Run every method with every seed and show the means.

    Args:
        name, study: the study
        tree: the user's overrides; ``method`` there restricts the grid to one method
        force: train again what has been finished before

    Raises:
        BadInput: for anything wrong with any of the specs, before the first run.
    """
    observer = observer or Observer()
    specs = _specs(name, study, tree, budget)
    first = specs[0]
    set_up(first.compute)  # a device that is not there is found before anything is recorded
    metrics = _metrics(first)
    values: dict[str, list[Mapping[str, float]]] = {}
    failed: dict[str, str] = {}
    shared: dict[str, Experiment] = {}
    tags = {"study": name, "dataset": first.dataset_name, "group": first.group}
    with tracker.start(f"study {name}: {first.dataset_name}", {"budget": budget, "runs": len(specs)}, tags) as parent:
        for number, spec in enumerate(specs, 1):
            observer.stage(f"{number}/{len(specs)}: {spec.label}, seed {spec.seed}")
            try:
                covers = coverage(spec)
                if covers not in shared:
                    shared = {covers: prepare(spec, None, data_folder, offline)}
                quiet = _Quiet(observer)
                result = run(
                    spec,
                    tracker=tracker,
                    observer=quiet,
                    offline=offline,
                    force=force,
                    experiment=shared[covers],
                    parent=parent.id,
                )
            except BadInput:
                raise
            except HarnessError as error:
                failed[f"{spec.label} seed {spec.seed}"] = one_line(error)
                observer.say(f"failed: {one_line(error)}")
                continue
            values.setdefault(spec.label, []).append(result.metrics)
            shown = "  ".join(f"{label} {result.metrics.get(key, float('nan')):.4f}" for key, label in metrics.items())
            observer.say(f"  {shown}{'  (finished before)' if result.reused else ''}")
        cells = tuple(_cells(values, metrics))
        parent.set_tags({f"failed.{run_name}": reason for run_name, reason in failed.items()})
        if not values:
            raise HarnessError(f"study {name}: all {len(failed)} runs failed")
        parent.log_metrics({f"{cell.method}/{cell.key}": cell.mean for cell in cells}, step=0)
        with tempfile.TemporaryDirectory() as folder:
            write_grid(cells, Path(folder))
            parent.log_artifacts(Path(folder))
    print_grid(cells, f"study {name}: {first.dataset_name}, test, mean ± standard deviation over seeds", observer)
    for run_name, reason in failed.items():
        observer.say(f"failed: {run_name}: {reason}")
    observer.say(f"run    {parent.id}\nstore  {tracker.location}")
    return GridResult(parent.id, cells, failed)


def _specs(name: str, study: GridSpec, tree: Mapping[str, Any], budget: BudgetName) -> list[RunSpec]:
    """All specs, seeds outermost, so that neighbours share their data and a stopped grid has whole seeds."""
    if budget not in study.budgets:
        raise unknown(f"budget of study '{name}'", budget, study.budgets)
    chosen = study.budgets[budget]
    methods: Sequence[str] = study.methods
    if tree.get("method"):
        method = registry.get("method", tree["method"]).name
        if method not in methods:
            raise unknown(f"method in study '{name}'", method, methods)
        methods = [method]
    own = merged(nested(study.base), nested(chosen.set))
    seeds = [tree["seed"]] if "seed" in tree else list(chosen.seeds)
    # Methods that read text first: they share one experiment, the others another.
    ordered = sorted(methods, key=lambda method: not registry.get("method", method).needs_text)
    return [
        build_spec(merged(merged(own, tree), {"method": method, "seed": seed})) for seed in seeds for method in ordered
    ]


def _metrics(spec: RunSpec) -> dict[str, str]:
    """The table's metrics: key in the tracking store to heading."""
    k = spec.evaluation.headline_k
    keys = {f"test/{at('ndcg', k)}": f"NDCG@{k}", f"test/{at('recall', k)}": f"Recall@{k}"}
    for grouping in spec.groups:
        keys[f"test/{at(f'{grouping}/cv', k)}"] = f"{grouping} CV"
        keys[f"test/{at(f'{grouping}/min25', k)}"] = f"{grouping} MIN"
    return keys | {"training_seconds": "seconds"}


def _cells(values: Mapping[str, Sequence[Mapping[str, float]]], metrics: Mapping[str, str]) -> list[Cell]:
    cells = []
    for method, runs in values.items():
        for key, heading in metrics.items():
            found = [run[key] for run in runs if key in run]
            if found:
                deviation = statistics.stdev(found) if len(found) > 1 else float("nan")
                cells.append(Cell(method, key, heading, statistics.fmean(found), deviation, len(found)))
    return cells


class _Quiet(Observer):
    """Lets warnings through: the grid has its own lines."""

    def __init__(self, behind: Observer) -> None:
        self._behind = behind

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            self._behind.say(f"  {line}")
