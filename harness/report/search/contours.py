"""Objectives over pairs of parameters, interpolated between trials."""

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from harness.report.document import Block, Picture, Text
from harness.report.search.importance import MIN_TRIALS, Importance
from harness.report.search.measured_trials import Observed
from harness.report.search.scale import positions, show_range
from harness.report.style import NORMAL, SMALL, tidy
from harness.runs.group_figures import new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIRS = 3
LEVELS = 9
PANEL = (2.5, 2.2)
COLOURS = "cividis"
"""Even in brightness and to colour-blind readers; its reverse where less is better, so that yellow is good."""


def contour_blocks(search: Observed, all_of: list[Importance]) -> list[Block]:
    """A figure of the pairs that matter most, or a word on why there is none."""
    if len(search.trials) < MIN_TRIALS:
        return [Text(f"No contours: {len(search.trials)} finished trials, from {MIN_TRIALS} on they can be drawn.")]
    pairs = leading_pairs(search, all_of)
    if not pairs:
        return [Text("No contours: there are no two numeric parameters whose trials span an area.")]
    caption = (
        "Objectives on validation data over pairs of parameters, the most important pairs first: linear between the "
        "trials (dots), at which all other parameters vary too; brighter is better. Nothing is known outside."
    )
    return [Picture("contours", caption, _draw(search, pairs))]


def leading_pairs(search: Observed, all_of: list[Importance]) -> list[tuple[str, str]]:
    """Up to three pairs of numeric parameters, by the sum of their importances over all objectives."""
    weight = {key: sum(one.shares.get(key, 0.0) for one in all_of) for key in search.searched()}
    numeric = [key for key, axis in search.searched().items() if not axis.choices]
    ranked = sorted(combinations(numeric, 2), key=lambda pair: -weight[pair[0]] - weight[pair[1]])
    return [pair for pair in ranked if _spans_an_area(search, *pair)][:PAIRS]


def _spans_an_area(search: Observed, first: str, second: str) -> bool:
    """Whether the trials are not all on one line, of which there are no triangles."""
    points = np.column_stack([_places(search, key) for key in (first, second)])
    return int(np.linalg.matrix_rank(points - points.mean(axis=0), tol=1e-9)) == 2


def _places(search: Observed, key: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    return positions(search.searched()[key], [trial.params[key] for trial in search.trials])


def _draw(search: Observed, pairs: list[tuple[str, str]]) -> "Figure":
    rows = len(search.objectives)
    figure = new_figure(PANEL[0] * len(pairs) + 0.9, PANEL[1] * rows + 0.2)
    panels = figure.subplots(rows, len(pairs), squeeze=False)
    for row, objective in zip(panels, search.objectives, strict=True):
        values = search.values(objective)
        levels = np.linspace(values.min(), values.max() + 1e-12, LEVELS)
        colours = COLOURS if objective.maximise else f"{COLOURS}_r"
        for axes, pair in zip(row, pairs, strict=True):
            x, y = (_places(search, key) for key in pair)
            filled = axes.tricontourf(x, y, values, levels=levels, cmap=colours)
            _frame(axes, search, pair)
            axes.plot(x, y, "o", color="white", markeredgecolor="black", markersize=3.5, markeredgewidth=0.8)
        bar = figure.colorbar(filled, ax=list(row), shrink=0.95, pad=0.02, format="%.3g")
        bar.set_label(f"{objective.label}\n({objective.direction})", fontsize=NORMAL)
        bar.ax.tick_params(labelsize=SMALL)
    return figure


def _frame(axes: "Axes", search: Observed, pair: tuple[str, str]) -> None:
    tidy(axes, grid="none")
    axes.set_xlabel(search.symbol(pair[0]), fontsize=NORMAL)
    axes.set_ylabel(search.symbol(pair[1]), fontsize=NORMAL)
    show_range(axes.xaxis, search.searched()[pair[0]], axes.set_xlim)
    show_range(axes.yaxis, search.searched()[pair[1]], axes.set_ylim)
