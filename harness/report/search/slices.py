"""Slices: each objective against each parameter, a point per trial."""

from typing import TYPE_CHECKING

from harness.report.document import Picture
from harness.report.search.observed import Observed, several
from harness.report.search.scale import positions, show_range
from harness.report.style import BLUE, GREY, NORMAL, SMALL, VERMILION, new_figure, tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4
PANEL = (2.0, 1.9)


def slices(found: Observed) -> list[Picture]:
    """Figures of up to four parameters each."""
    pages = several(list(found.searched()), COLUMNS)
    return [
        Picture(
            f"slices-{number}" if len(pages) > 1 else "slices",
            "Each trial's objectives on validation data against its parameters, one at a time; all others vary too. "
            f"Diamonds: trials on the front.{' Hollow: trials that do not qualify.' * (not found.qualifies().all())}",
            _draw(found, list(keys)),
        )
        for number, keys in enumerate(pages, 1)
    ]


def _draw(found: Observed, keys: list[str]) -> "Figure":
    figure = new_figure(PANEL[0] * len(keys) + 0.9, PANEL[1] * len(found.objectives) + 0.5)
    panels = figure.subplots(len(found.objectives), len(keys), sharex="col", sharey="row", squeeze=False)
    front, qualifies = found.on_front(), found.qualifies()
    others = ~front & qualifies
    space = found.searched()
    for row, objective in zip(panels, found.objectives, strict=True):
        heights = found.values(objective)
        for axes, key in zip(row, keys, strict=True):
            places = positions(space[key], [trial.params[key] for trial in found.trials])
            axes.plot(
                places[others], heights[others], "o", color=BLUE, markersize=4.5, alpha=0.75, label="other trials"
            )
            if not qualifies.all():
                less = {"color": GREY, "markerfacecolor": "none", "markersize": 4.5, "label": "does not qualify"}
                axes.plot(places[~qualifies], heights[~qualifies], "o", **less)
            axes.plot(places[front], heights[front], "D", color=VERMILION, markersize=5, label="on the front")
            tidy(axes)
            show_range(axes.xaxis, space[key], axes.set_xlim)
        row[0].set_ylabel(f"{objective.label}\n({objective.wanted})", fontsize=NORMAL)
    for axes, key in zip(panels[-1], keys, strict=True):
        axes.set_xlabel(found.symbol(key), fontsize=NORMAL)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", fontsize=SMALL, frameon=False, ncols=len(labels))
    return figure
