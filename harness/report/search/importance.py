"""How much of an objective's variation over the searched space each parameter explains."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from harness.report.document import Block, Picture, Table, Text
from harness.report.search.measured_trials import Objective, Observed
from harness.report.style import MARKERS, NORMAL, SMALL, marks, tidy
from harness.runs.group_figures import new_figure
from harness.study.distribution import distribution
from harness.study.study_spec import Axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EVALUATOR = "fANOVA (Hutter et al. 2014; Optuna's, a random forest of 64 trees)"
MIN_TRIALS = 10
FOLDS = 5
SEED = 0


@dataclass(frozen=True)
class Importance:
    """Shares of one objective's explained variance by parameter, which add up to 1.

    Attributes:
        objective: of which
        shares: by key, the largest first
        low, high: by key, the extremes when a fifth of the trials is left out
    """

    objective: Objective
    shares: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]


def importances(search: Observed) -> list[Importance]:
    """One per objective; none where there are too few trials or parameters, or an objective that never changes."""
    keys = _varied(search)
    if len(search.trials) < MIN_TRIALS or len(keys) < 2:
        return []
    return [
        _importance(search, keys, objective) for objective in search.objectives if np.ptp(search.values(objective)) > 0
    ]


def importance_blocks(search: Observed, all_of: list[Importance]) -> list[Block]:
    """A picture and a table, or a word on why there are none."""
    if not all_of:
        n = len(search.trials)
        why = (
            f"{n} finished trials: from {MIN_TRIALS} on they can be told"
            if n < MIN_TRIALS
            else "fewer than two parameters were varied, or no objective changes"
        )
        return [Text(f"No importances: {why}.")]
    keys = list(all_of[0].shares)
    lines = tuple(
        (
            search.symbol(key),
            *(f"{one.shares[key]:.2f} ({one.low[key]:.2f} … {one.high[key]:.2f})" for one in all_of),
        )
        for key in keys
    )
    data = [
        {"parameter": key, "objective": one.objective.key, "share": one.shares[key], "low": one.low[key],
         "high": one.high[key], "evaluator": EVALUATOR}
        for one in all_of
        for key in keys
    ]  # fmt: skip
    note = (
        f"Evaluator: {EVALUATOR}. Shares of the variance that the parameters explain over the searched ranges; they "
        f"add up to 1 whether that is much or little. In brackets: the extremes when each of {FOLDS} parts of the "
        f"{len(search.trials)} trials is left out in turn. Where brackets overlap, the order is not known."
    )
    caption = "Importance of the parameters for each objective on validation data."
    return [
        Picture(
            "importances", f"{caption} {EVALUATOR}; lines: {FOLDS}-fold leave-out extremes.", _draw(search, all_of)
        ),
        Table("importances", caption, ("parameter", *(one.objective.label for one in all_of)), lines, data, note=note),
    ]


def _varied(search: Observed) -> dict[str, Axis]:
    """Parameters that differ between trials: of the others nothing can be said."""
    return {
        key: axis
        for key, axis in search.searched().items()
        if len({repr(trial.params[key]) for trial in search.trials}) > 1
    }


def _importance(search: Observed, keys: dict[str, Axis], objective: Objective) -> Importance:
    values = search.values(objective)
    whole = _fanova(search, keys, values, np.arange(len(values)))
    order = sorted(keys, key=lambda key: -whole[key])
    shuffled = np.random.default_rng(SEED).permutation(len(values))
    folds = [_fanova(search, keys, values, np.setdiff1d(shuffled, part)) for part in np.array_split(shuffled, FOLDS)]
    ends = {key: [whole[key], *(fold[key] for fold in folds)] for key in order}
    return Importance(
        objective,
        {key: whole[key] for key in order},
        {key: min(ends[key]) for key in order},
        {key: max(ends[key]) for key in order},
    )


def _fanova(
    search: Observed, keys: dict[str, Axis], values: npt.NDArray[np.float64], chosen: npt.NDArray[np.int_]
) -> dict[str, float]:
    """Optuna's evaluation of a study that is made again in memory, of the chosen trials."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study(direction="maximize")
        distributions = {key: distribution(axis) for key, axis in keys.items()}
        study.add_trials([
            optuna.trial.create_trial(
                params={key: search.trials[place].params[key] for key in keys},
                distributions=distributions,
                value=float(values[place]),
            )
            for place in chosen
        ])  # fmt: skip
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=SEED)
        shares = optuna.importance.get_param_importances(study, evaluator=evaluator, params=list(keys))
    finally:
        optuna.logging.set_verbosity(before)
    return {key: float(shares.get(key, 0.0)) for key in keys}


def _draw(search: Observed, all_of: list[Importance]) -> "Figure":
    """A row per parameter, in it a dot per objective with its extremes."""
    keys = list(all_of[0].shares)
    figure = new_figure(5.2, 0.9 + (0.12 + 0.14 * len(all_of)) * len(keys))
    axes = figure.add_subplot()
    for number, one in enumerate(all_of):
        style = {"color": marks(4 + number)["color"], "marker": MARKERS[number % len(MARKERS)]}
        lanes = [place + 0.26 * (number - (len(all_of) - 1) / 2) for place in range(len(keys))]
        axes.hlines(lanes, [one.low[key] for key in keys], [one.high[key] for key in keys],
                    color=style["color"], linewidth=1.2)  # fmt: skip
        axes.plot([one.shares[key] for key in keys], lanes, linestyle="none", markersize=6,
                  label=one.objective.label, **style)  # fmt: skip
    axes.set_yticks(range(len(keys)), [search.symbol(key) for key in keys], fontsize=NORMAL)
    axes.set_ylim(len(keys) - 0.5, -0.5)
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share of the explained variance", fontsize=NORMAL)
    tidy(axes, grid="x")
    axes.tick_params(axis="y", length=0, labelsize=NORMAL)
    figure.legend(loc="outside upper right", fontsize=SMALL, frameon=False, ncols=len(all_of))
    return figure
