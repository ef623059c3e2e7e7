"""Figures of one run, for the tracking store and for print."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.evaluate import GroupRow

# Okabe and Ito's colours, told apart with every kind of colour vision and in grey.
BAR_COLOUR = "#0072B2"
MEAN_COLOUR = "#D55E00"


def group_utilities(
    rows: "Sequence[GroupRow]",
    *,
    grouping: str,
    k: int,
    disparities: Mapping[str, float],
    utility: str,
    title: str,
    file: Path,
) -> None:
    """Draw the utility of each group of one grouping at one cut-off as horizontal bars.

    Args:
        rows: groups of any grouping and cut-off; others than ``grouping`` and ``k`` are left out
        grouping: which grouping to draw
        k: which cut-off to draw
        disparities: what summarises the utilities, for the title: ``{"CV": 0.26, "MIN@25 %": 0.11}``
        utility: what a group's utility is, for the axis (``recall``)
        title: the run
        file: where to write; the ending gives the format
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = [row for row in rows if row.grouping == grouping and row.k == k]
    shown.sort(key=lambda row: (row.utility, row.group))
    figure = Figure(figsize=(7.0, 1.6 + 0.26 * len(shown)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    labels = [f"{row.group}  (n = {row.members:,})" for row in shown]
    values = [row.utility for row in shown]
    positions = range(len(shown))
    bars = axes.barh(positions, values, color=BAR_COLOUR, height=0.72)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8, bbox=behind)
    axes.set_yticks(positions, labels, fontsize=8, parse_math=False)
    if values:
        mean = sum(values) / len(values)
        axes.axvline(mean, color=MEAN_COLOUR, linestyle="--", linewidth=1.5, label=f"mean of groups {mean:.3f}")
        axes.legend(loc="lower right", fontsize=8, frameon=True)
        axes.set_xlim(0, max(*values, mean) * 1.12 or 1.0)
    axes.set_xlabel(f"{utility}@{k} of the group, test (n: members)", fontsize=9)
    found = ", ".join(f"{name} {value:.3f}" for name, value in disparities.items())
    axes.set_title(f"{title}\n{grouping}: {found}", fontsize=10, loc="left", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)
