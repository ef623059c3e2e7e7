"""Figures with a row of panels per objective and a column per parameter, on as many pages as keep them readable."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from harness.report.document import Picture
from harness.report.search.measured_trials import Observed
from harness.report.style import NORMAL
from harness.runs.group_figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 4
PANEL = (2.0, 1.9)


def pages(name: str, caption: str, keys: Sequence[str], draw: Callable[[Sequence[str]], "Figure"]) -> list[Picture]:
    """A picture of up to four keys each; none where there is no key."""
    parts = [keys[start : start + COLUMNS] for start in range(0, len(keys), COLUMNS)]
    names = [name] if len(parts) == 1 else [f"{name}-{number}" for number in range(1, len(parts) + 1)]
    return [Picture(one, caption, draw(part)) for one, part in zip(names, parts, strict=True)]


def panels(search: Observed, keys: Sequence[str], above: float) -> "tuple[Figure, Any]":
    """A figure with room of ``above`` inches over its panels, and these: shape (n_objectives, n_keys), with labels."""
    height, width = len(search.objectives), len(keys)
    figure = new_figure(PANEL[0] * width + 0.9, PANEL[1] * height + above)
    grid = figure.subplots(height, width, sharex="col", sharey="row", squeeze=False)
    for axes, key in zip(grid[-1], keys, strict=True):
        axes.set_xlabel(search.symbol(key), fontsize=NORMAL)
    for axes, objective in zip(grid[:, 0], search.objectives, strict=True):
        axes.set_ylabel(f"{objective.label}\n({objective.direction})", fontsize=NORMAL)
    return figure, grid
