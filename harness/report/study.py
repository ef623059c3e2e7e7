"""What a study leaves behind: a table of trials, importances, a figure with one slice per parameter."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report.figures import BAR_COLOUR, MEAN_COLOUR

if TYPE_CHECKING:
    from harness.console import Observer
    from harness.spec import RunSpec
    from harness.study.spec import Axis, SearchSpec
    from harness.track import TrackedRun

TRIALS_FILE = "trials.csv"
FIGURE_FILE = "slices.png"


@dataclass(frozen=True)
class Trial:
    """A finished trial: its number from 0, parameters and objective values by name, id of its run."""

    number: int
    params: Mapping[str, Any]
    values: Mapping[str, float]
    run_id: str


def report_study(
    name: str,
    study: "SearchSpec",
    base: "RunSpec",
    trials: Sequence[Trial],
    parent: "TrackedRun",
    observer: "Observer",
    location: str,
) -> None:
    """Log the table, the figure and the front to the parent run, and say what was found."""
    if not trials:
        observer.say(f"study {name}: no trial has finished")
        return
    front = pareto_front(trials, list(study.objectives.values()))
    with tempfile.TemporaryDirectory() as folder:
        write_trials(trials, front, Path(folder) / TRIALS_FILE)
        draw_slices(
            study, trials, front, f"study {name}: {base.method} on {base.dataset_name}", Path(folder) / FIGURE_FILE
        )
        parent.log_artifacts(Path(folder))
    for objective, direction in zip(trials[0].values, study.objectives.values(), strict=True):
        best = (max if direction == "maximize" else min)(trial.values[objective] for trial in trials)
        parent.log_metrics({f"study/best_{objective}": best}, step=len(trials))
    parent.log_metrics({"study/trials": float(len(trials))}, step=len(trials))
    observer.say(f"study {name}: {len(trials)} trials; on the front of {' and '.join(trials[0].values)} (validation):")
    for trial in front:
        values = "  ".join(f"{key} {value:.4f}" for key, value in trial.values.items())
        flags = " ".join(f"--set {key}={_short(value)}" for key, value in trial.params.items())
        observer.say(f"  trial {trial.number + 1:3}  {values}  {flags}")
    observer.say("test data was not touched; measure a configuration with: harness run --method … --set …")
    observer.say(f"run    {parent.id}\nstore  {location}")


def pareto_front(trials: Sequence[Trial], directions: Sequence[str]) -> list[Trial]:
    """The trials that no other one beats in every objective, by the first objective."""
    signs = [1 if direction == "maximize" else -1 for direction in directions]
    scored = [
        (trial, [sign * value for sign, value in zip(signs, trial.values.values(), strict=True)]) for trial in trials
    ]

    def beaten(mine: Sequence[float]) -> bool:
        return any(
            all(theirs >= own for theirs, own in zip(other, mine, strict=True)) and list(other) != list(mine)
            for _, other in scored
        )

    front = [(trial, scores) for trial, scores in scored if not beaten(scores)]
    return [trial for trial, scores in sorted(front, key=lambda entry: -entry[1][0])]


def write_trials(trials: Sequence[Trial], front: Sequence[Trial], file: Path) -> None:
    """One line per trial: number (from 1), parameters, values, whether it is on the front, its run."""
    import polars as pl

    chosen = {trial.number for trial in front}
    rows = [
        {"trial": t.number + 1, **t.params, **t.values, "on_front": t.number in chosen, "run": t.run_id} for t in trials
    ]
    pl.DataFrame(rows, infer_schema_length=None).write_csv(file)


def draw_slices(study: "SearchSpec", trials: Sequence[Trial], front: Sequence[Trial], title: str, file: Path) -> None:
    """Each objective against each parameter: one point per trial, those on the front marked."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    objectives = list(trials[0].values)
    shape = (len(objectives), len(study.space))
    figure = Figure(figsize=(2.6 * shape[1] + 0.6, 2.4 * shape[0] + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(*shape, sharex="col", sharey="row", squeeze=False)
    chosen = {trial.number for trial in front}
    for row, objective in enumerate(objectives):
        for column, (key, axis) in enumerate(study.space.items()):
            axes = grid[row][column]
            for marked, colour, marker in ((False, BAR_COLOUR, "o"), (True, MEAN_COLOUR, "D")):
                shown = [trial for trial in trials if (trial.number in chosen) == marked]
                points = [(trial.params[key], trial.values[objective]) for trial in shown]
                label = "on the front" if marked else "other trials"
                axes.plot(*zip(*points, strict=True) if points else ([], []), marker, color=colour, label=label)
            _show_range(axes, axis)
            if row == shape[0] - 1:
                axes.set_xlabel(axis.symbol or key)
            if column == 0:
                axes.set_ylabel(f"{objective}\n(validation)")
            axes.spines[["top", "right"]].set_visible(False)
    grid[0][0].legend(fontsize=8)
    figure.suptitle(f"{title}, {len(trials)} trials", fontsize=10)
    figure.savefig(file, dpi=150)


def _show_range(axes: Any, axis: "Axis") -> None:
    """The whole range that is searched, whatever trials have been made, with labels that do not overlap."""
    from matplotlib.ticker import NullFormatter

    if axis.log:
        axes.set_xscale("log")
        axes.set_xlim(axis.low / 1.3, axis.high * 1.3)
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        margin = 0.05 * (axis.high - axis.low)
        axes.set_xlim(axis.low - margin, axis.high + margin)


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
