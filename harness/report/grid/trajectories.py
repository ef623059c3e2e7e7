"""Values of groups by epoch: small multiples, a panel per variant."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from harness.domain.metric_key import MetricKey
from harness.report.grid.arms import MeasuredArm
from harness.report.scaling import label_ends
from harness.report.style import NORMAL, PALE, dashes, marks, text_colour, tidy
from harness.runs.group_figures import new_figure
from harness.runs.group_labels import group_labels
from harness.study.records import CurvePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curves = dict[str, dict[int, float]]
"""Values by group and epoch."""
KeyedCurves = dict[MetricKey, dict[int, float]]
"""The same of several metrics."""
AT_EACH_END = 2
COLUMNS = 3
PANEL = (2.9, 2.1)
LABEL_GAP = 0.1
"""Between labels at the right edge, as a share of the panel's height."""


def curves_by_run(points: Iterable[CurvePoint]) -> dict[str, KeyedCurves]:
    """What training kept of single groups, by run."""
    found: dict[str, KeyedCurves] = {}
    for point in points:
        key = MetricKey.parse(point.key)
        if key.split == "train" and key.group:
            found.setdefault(point.run, {}).setdefault(key, {})[point.step] = point.value
    return found


def trajectories(arm: MeasuredArm, by_run: Mapping[str, KeyedCurves], metric: str) -> Curves:
    """Of a metric, by group and epoch, the mean over the arm's seeds, at the epochs that all of them have."""
    runs = [by_run[run.run] for run in arm.runs.values() if run.run in by_run]
    labels = group_labels(arm.first.tags, arm.first.view.group)
    keys = dict.fromkeys(key for curves in runs for key in curves if key.name == metric)
    found: Curves = {}
    for key in keys:
        seeds = [curves[key] for curves in runs if key in curves]
        epochs = sorted(set.intersection(*(set(curve) for curve in seeds)))
        if epochs:
            found[labels.get(key.group, key.group)] = {
                epoch: sum(curve[epoch] for curve in seeds) / len(seeds) for epoch in epochs
            }
    return found


def moves(curves: Curves) -> bool:
    """Whether some group's value changes by more than a fiftieth of the largest group's mean."""
    widest = max((max(curve.values()) - min(curve.values()) for curve in curves.values()), default=0.0)
    return widest > max((abs(sum(curve.values())) / len(curve) for curve in curves.values()), default=0.0) / 50


def draw_trajectories(found: Mapping[str, Curves], axis: str, *, one_scale: bool) -> "Figure":
    """A panel per variant.

    Args:
        found: by variant, group and epoch
        axis: what the values are
        one_scale: whether values of different variants compare, as those of different losses do not
    """
    columns = min(COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = new_figure(PANEL[0] * columns + 0.3, PANEL[1] * rows + 0.4)
    panels = figure.subplots(rows, columns, sharey=one_scale, squeeze=False).ravel()
    styles: dict[str, int] = {}
    for axes, (variant, curves) in zip(panels, found.items(), strict=False):
        _panel(axes, curves, styles)
        axes.set_title(variant, fontsize=NORMAL, parse_math=False)
    for axes, curves in zip(panels, found.values(), strict=False):  # once the shared scale is known
        _label(axes, curves, styles)
    for axes in panels[len(found) :]:
        axes.set_visible(False)
    figure.supxlabel("epoch", fontsize=NORMAL)
    figure.supylabel(axis, fontsize=NORMAL)
    return figure


def extremes_of(curves: Curves) -> list[str]:
    """The groups that end highest and lowest; all where there are no more than that."""
    ranked = sorted(curves, key=lambda group: -curves[group][max(curves[group])])
    return ranked if len(ranked) <= 2 * AT_EACH_END else [*ranked[:AT_EACH_END], *ranked[-AT_EACH_END:]]


def _panel(axes: "Axes", curves: Curves, styles: dict[str, int]) -> None:
    """Grey lines, above them the extremes, each group in the style that it has in every panel."""
    extremes = extremes_of(curves)
    for group, curve in curves.items():
        if group not in extremes:
            axes.plot(list(curve), list(curve.values()), color="#C4C4C4", linewidth=0.7, zorder=2)
    for group in extremes:
        number = styles.setdefault(group, len(styles))
        axes.plot(
            list(curves[group]),
            list(curves[group].values()),
            color=marks(number)["color"],
            linestyle=dashes(number),
            linewidth=1.4,
            zorder=3,
        )
    tidy(axes, grid="y")


def _label(axes: "Axes", curves: Curves, styles: Mapping[str, int]) -> None:
    """Names of the extremes at the right edge, moved apart where they would cover each other."""
    axes.set(xlim=axes.get_xlim(), ylim=axes.get_ylim())  # where lines end depends on it
    ends = {group: (max(curves[group]), curves[group][max(curves[group])]) for group in extremes_of(curves)}
    line = {"arrowstyle": "-", "color": PALE, "linewidth": 0.6, "relpos": (0.0, 0.5), "shrinkB": 1}
    look = {group: {"color": text_colour(styles[group]), "arrowprops": line} for group in ends}
    label_ends(axes, ends, 1.06, LABEL_GAP, look.__getitem__)
