"""How cost grows: metrics against a varied key, both on log scales, one line per method with its name at its end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.report.style import COLOURS, DASHES, SMALL, marks
from harness.runs.group_figures import new_figure
from harness.study.points import GridPoint
from harness.study.study_spec import ScalingFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL = (5.2, 5.0)
"""Inches of a panel; 21 names fit beside it."""
NAME_GAP = 0.042
"""Distance between names, as a share of the panel's height."""

DECADES_APART = 1e3
"""From this ratio of the largest to the smallest value on, only powers of ten are labelled."""

Series = Mapping[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Cell:
    """One method's mean of one metric at one point; ``heading`` is what people call the metric."""

    method: str
    key: str
    heading: str
    mean: float
    point: GridPoint


def draw_scaling(figure: ScalingFigure, cells: Sequence[Cell], numbers: Mapping[str, int]) -> "Figure | None":
    """One panel per metric; None where there are no two values to draw between. ``numbers`` decide colours and markers.

    Values that are not positive have no place on a log scale; a line with one point is a mark alone.
    """
    shown = _comparable(figure, [cell.point for cell in cells])
    if len({point.values[figure.x] for point in shown}) < 2:
        return None
    panels = {key: _series(figure, [cell for cell in cells if cell.point in shown], key) for key in figure.metrics}
    headings = {cell.key: cell.heading for cell in cells}
    drawing = new_figure(PANEL[0] * len(panels), PANEL[1])
    row = drawing.subplots(1, len(panels), squeeze=False)[0]
    for axes, (key, series) in zip(row, panels.items(), strict=True):
        _draw_panel(axes, series, numbers)
        axes.set_xlabel(figure.label or figure.x)
        floor = f" (at least {figure.floors[key]:g})" if key in figure.floors else ""
        axes.set_ylabel(headings.get(key, key) + floor)
    return drawing


def held_fixed(figure: ScalingFigure, cells: Sequence[Cell]) -> dict[str, Any]:
    """What the points of the figure have in common beside what it varies, by the last part of each key."""
    shown = _comparable(figure, [cell.point for cell in cells])
    return {key.rpartition(".")[2]: value for key, value in _others(figure, shown[0]).items()} if shown else {}


def _comparable(figure: ScalingFigure, points: Sequence[GridPoint]) -> list[GridPoint]:
    """The largest set of points that differ in what the figure varies and agree in all else."""
    sets: dict[str, list[GridPoint]] = {}
    for point in dict.fromkeys(points):
        if figure.x in point.values:
            sets.setdefault(repr(_others(figure, point)), []).append(point)
    return max(sets.values(), key=len, default=[])


def _others(figure: ScalingFigure, point: GridPoint) -> dict[str, Any]:
    """What the figure holds fixed."""
    return {key: value for key, value in sorted(point.values.items()) if key not in (figure.x, *figure.along)}


def _series(figure: ScalingFigure, cells: Sequence[Cell], key: str) -> Series:
    """Points (x, mean) by method, in order of x."""
    series: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        if cell.key == key and cell.mean > 0:
            height = max(cell.mean, figure.floors.get(key, 0.0))
            series.setdefault(cell.method, []).append((float(cell.point.values[figure.x]), height))
    return {method: sorted(points) for method, points in series.items()}


def _draw_panel(axes: Any, series: Series, styles: Mapping[str, int]) -> None:
    """Lines, then names at the right edge in order of the lines' ends, moved apart where they would overlap."""
    from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xscale("log")
    axes.set_yscale("log")
    for method, points in series.items():
        number = styles[method]
        axes.plot(
            *zip(*points, strict=True),
            **marks(number),
            linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
            linewidth=1.3,
            markersize=5,
        )
    sizes = sorted({x for points in series.values() for x, _ in points})
    axes.xaxis.set_major_locator(FixedLocator(sizes))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high / low > DECADES_APART else (1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="major", color="#DDDDDD", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set(xlim=axes.get_xlim(), ylim=(low, high))  # where lines end depends on it
    label_ends(
        axes,
        {method: points[-1] for method, points in series.items()},
        1.1,
        NAME_GAP,
        lambda method: {
            "arrowprops": {
                "arrowstyle": "-",
                "color": marks(styles[method])["color"],
                "linewidth": 0.7,
                "relpos": (0.0, 0.5),
                "shrinkA": 1,
                "shrinkB": 3,
            }
        },
    )


def label_ends(
    axes: Any, ends: Mapping[str, tuple[float, float]], at: float, gap: float, look: Callable[[str], dict[str, Any]]
) -> None:
    """Names beside the panel in the order of the lines' ends, moved apart where they would overlap.

    Args:
        axes: with its final limits
        ends: of the lines, by name
        at: how far to the right, as a share of the panel's width
        gap: between names, as a share of the panel's height
        look: of a name
    """
    to_panel = axes.transData + axes.transAxes.inverted()
    heights = {name: float(to_panel.transform(end)[1]) for name, end in ends.items()}
    order = sorted(heights, key=lambda name: heights[name])
    for name, height in zip(order, spread([heights[name] for name in order], gap), strict=True):
        axes.annotate(
            name,
            xy=ends[name],
            xytext=(at, height),
            textcoords="axes fraction",
            fontsize=SMALL,
            verticalalignment="center",
            parse_math=False,
            **look(name),
        )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Ascending heights moved apart to at least ``gap`` and into [0, 1], as little as that takes (least squares).

    Without the gaps of those below it is isotonic regression, solved by pooling adjacent violators; with bounds its
    solution is clipped (Barlow et al., Statistical Inference under Order Restrictions, 1972). Where [0, 1] is too short
    for all of the gaps, the last ones lie above it.
    """
    blocks: list[tuple[float, int]] = []  # mean of height − rank·gap, and members
    for rank, height in enumerate(heights):
        mean, members = height - rank * gap, 1
        while blocks and blocks[-1][0] > mean:
            below, others = blocks.pop()
            mean, members = (below * others + mean * members) / (others + members), others + members
        blocks.append((mean, members))
    flat = [mean for mean, members in blocks for _ in range(members)]
    highest = max(0.0, 1 - (len(flat) - 1) * gap)
    return [min(max(mean, 0.0), highest) + rank * gap for rank, mean in enumerate(flat)]
