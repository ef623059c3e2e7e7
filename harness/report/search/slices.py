"""Slices: each objective against each parameter, a point per trial."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.report.document import Picture
from harness.report.search.measured_trials import Observed
from harness.report.search.pages import pages, panels
from harness.report.search.scale import positions, show_range
from harness.report.style import BLUE, GREY, SMALL, VERMILION, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def slices(search: Observed) -> list[Picture]:
    """Figures of up to four parameters each."""
    caption = (
        "Each trial's objectives on validation data against its parameters, one at a time; all others vary too. "
        f"Diamonds: trials on the front.{' Hollow: trials that do not qualify.' * (not search.qualifies().all())}"
    )
    return pages("slices", caption, list(search.searched()), lambda page: _draw(search, page))


def _draw(search: Observed, keys: Sequence[str]) -> "Figure":
    figure, grid = panels(search, keys, above=0.5)
    front, qualifies = search.on_front(), search.qualifies()
    others = ~front & qualifies
    space = search.searched()
    for row, objective in zip(grid, search.objectives, strict=True):
        heights = search.values(objective)
        for axes, key in zip(row, keys, strict=True):
            places = positions(space[key], [trial.params[key] for trial in search.trials])
            axes.plot(
                places[others], heights[others], "o", color=BLUE, markersize=4.5, alpha=0.75, label="other trials"
            )
            if not qualifies.all():
                less = {"color": GREY, "markerfacecolor": "none", "markersize": 4.5, "label": "does not qualify"}
                axes.plot(places[~qualifies], heights[~qualifies], "o", **less)
            axes.plot(places[front], heights[front], "D", color=VERMILION, markersize=5, label="on the front")
            tidy(axes)
            show_range(axes.xaxis, space[key], axes.set_xlim)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", fontsize=SMALL, frameon=False, ncols=len(labels))
    return figure
