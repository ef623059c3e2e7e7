"""Figures of one run, for the tracking store and for print."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from harness.evaluation.extremes import Extremes, extremes, ranked
from harness.evaluation.group_row import GroupRow
from harness.runs.saved_figure import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Okabe and Ito's colours, told apart with every kind of colour vision and in grey.
BAR_COLOUR = "#0072B2"
MEAN_COLOUR = "#D55E00"
BAR_INCHES = 0.26
CURVE_INCHES = 2.4
CURVE_POINTS = 2000
TITLE_WIDTH = 78


def new_figure(width: float, height: float) -> "Figure":
    """An empty figure of so many inches, drawn without a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def group_utilities(
    rows: Sequence[GroupRow],
    *,
    grouping: str,
    k: int,
    disparities: Mapping[str, float],
    utility: str,
    title: str,
    file: Path,
) -> None:
    """Draw the utility of each group of one grouping at one cut-off as horizontal bars, best at the top.

    Of more groups than ``extremes.MANY_GROUPS`` the best and the worst have bars, below a curve of all of them.

    Args:
        rows: groups of any grouping and cut-off; others than ``grouping`` and ``k`` are left out
        grouping: which grouping to draw
        k: which cut-off to draw
        disparities: what summarises the utilities, for the title: ``{"CV": 0.26, "MIN@25 %": 0.11}``
        utility: what a group's utility is, for the axis (``recall``)
        title: the run
        file: where to write; the ending gives the format
    """
    own = [row for row in rows if row.grouping == grouping and row.k == k]
    shown = extremes(own)
    bars = BAR_INCHES * (len(shown.best) + bool(shown.between) + len(shown.worst))
    curve = CURVE_INCHES if shown.between else 0.0
    figure = new_figure(7.0, 1.6 + bars + curve)
    if shown.between:
        top, axes = figure.subplots(2, 1, height_ratios=(curve, bars))
        _curve(top, own, f"{utility}@{k}")
    else:
        top = axes = figure.add_subplot()
    _bars(axes, shown)
    _mean(axes, own)
    axes.set_xlabel(f"{utility}@{k} of the group, test (n: members)", fontsize=9)
    found = f"{grouping}: " + ", ".join(f"{name} {value:.3f}" for name, value in disparities.items())
    top.set_title(f"{title}\n{fill(found, TITLE_WIDTH)}", fontsize=10, loc="left", parse_math=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_figure(figure, file, dpi=150)


def _bars(axes: "Axes", shown: Extremes) -> None:
    """A bar per group; where groups are not shown, a gap that says how many."""
    best, between, worst = shown
    places = [*range(len(best)), *range(len(best) + 1, len(best) + 1 + len(worst))]
    rows = [*best, *worst]
    bars = axes.barh(places, [row.utility for row in rows], color=BAR_COLOUR, height=0.72)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8, bbox=behind)
    labels = [f"{row.group}  (n = {row.members:,})" for row in rows]
    if between:
        places.append(len(best))
        labels.append(f"… {between:,} more …")
    axes.set_yticks(places, labels, fontsize=8, parse_math=False)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)


def _mean(axes: "Axes", rows: Sequence[GroupRow]) -> None:
    """The mean of all groups, and an axis that begins at zero."""
    if not rows:
        return
    values = [row.utility for row in rows]
    mean = sum(values) / len(values)
    axes.axvline(mean, color=MEAN_COLOUR, linestyle="--", linewidth=1.5, label=f"mean of groups {mean:.3f}")
    axes.legend(loc="lower right", fontsize=8, frameon=True)
    axes.set_xlim(0, max(*values, mean) * 1.12 or 1.0)


def _curve(axes: "Axes", rows: Sequence[GroupRow], utility: str) -> None:
    """All groups from the best to the worst, at no more points than can be told apart."""
    import numpy as np

    values = np.array([row.utility for row in ranked(rows)])
    shown = np.unique(np.linspace(0, len(values) - 1, CURVE_POINTS).astype(np.int64))
    axes.fill_between(shown + 1, values[shown], step="mid", color=BAR_COLOUR, alpha=0.9, linewidth=0)
    axes.axhline(values.mean(), color=MEAN_COLOUR, linestyle="--", linewidth=1.5)
    axes.set_xlim(1, len(values))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(f"rank of the group, of {len(values):,}", fontsize=9)
    axes.set_ylabel(utility, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
