"""The picture of accuracy against fairness."""

from collections.abc import Mapping, Sequence
from math import isnan
from textwrap import fill
from typing import TYPE_CHECKING

from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm, arm_names, heading
from harness.report.style import GREY, NORMAL, SMALL, marks, text_colour, tidy
from harness.runs.group_figures import new_figure
from harness.stats.front import Maximise, pareto_front
from harness.stats.interval import MeanInterval
from harness.study.points import written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PLANES: tuple[tuple[str, Maximise], ...] = ((CV, (True, False)), (MIN, (True, True)))
"""What is set against NDCG, and which way both are better."""
LEAST_ACCURATE = 0.75
"""Share of the best NDCG below which a variant is named in the caption instead of squeezing all others together."""
PANEL = (3.6, 3.6)
ROWS_OF_LEGEND = 22
LABEL_WIDTH = 24
"""Characters in a line of a label."""
MOST_LABELLED = 8
"""The ends of more paths are not labelled: labels would cover each other."""
LARGEST, SMALLEST = 9.0, 4.5
"""Points across a mark of the first and of the last selection rule."""


def draw_front(
    arms: Sequence[MeasuredArm], planes: Sequence[tuple[str, Maximise]], title: str, numbers: Mapping[str, int]
) -> "tuple[Figure, tuple[str, ...]]":
    """NDCG against each of ``planes``, a panel each, for arms of one problem.

    Args:
        numbers: what decides colour and marker, by variant

    Returns:
        the figure, and the names of those outside of its frame.
    """
    means = {arm: found for arm in arms if (found := arm.mean(NDCG)) is not None}
    best = max(found.mean for found in means.values())
    inside = [arm for arm, found in means.items() if found.mean >= LEAST_ACCURATE * best]
    variants = list(dict.fromkeys(arm.variant for arm in inside))
    columns = -(-len(variants) // ROWS_OF_LEGEND)
    figure = new_figure(PANEL[0] * len(planes) + 1.5 * columns, PANEL[1] + 0.06 * max(0, len(variants) - 14))
    row = figure.subplots(1, len(planes), squeeze=False)[0]
    for axes, (metric, maximise) in zip(row, planes, strict=True):
        _panel(axes, inside, metric, maximise, {variant: numbers[variant] for variant in variants})
        axes.set_xlabel(f"{heading(arms, NDCG)} (more is better)", fontsize=NORMAL)
        way = "more" if maximise[1] else "less"
        axes.set_ylabel(f"{heading(arms, metric)} ({way} is better)", fontsize=NORMAL)
    handles, labels = row[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper", fontsize=SMALL, frameon=False, ncols=columns)
    if title:
        figure.suptitle(title, fontsize=NORMAL, parse_math=False)
    return figure, tuple(name for arm, name in zip(arms, arm_names(arms), strict=True) if arm not in inside)


def _panel(
    axes: "Axes", arms: Sequence[MeasuredArm], metric: str, maximise: Maximise, numbers: Mapping[str, int]
) -> None:
    shown = [(arm, x, y) for arm in arms if (x := arm.mean(NDCG)) and (y := arm.mean(metric))]
    points = [(x.mean, y.mean) for _, x, y in shown]
    front = pareto_front(points, maximise)
    sizes = _sizes(arms)
    for variant, number in numbers.items():
        own = [(arm, x, y, on) for (arm, x, y), on in zip(shown, front, strict=True) if arm.variant == variant]
        style = marks(number)
        axes.plot([], [], linestyle="none", markersize=5.5, label=variant, **style)
        for arm, x, y, on in own:
            face = style["color"] if on else "white"
            order = 4 if on else 3
            axes.errorbar(x.mean, y.mean, _half(y), _half(x), ecolor=style["color"], elinewidth=0.6, alpha=0.45,
                          linestyle="none", zorder=order)  # fmt: skip
            axes.plot(x.mean, y.mean, linestyle="none", markersize=sizes[arm.rule], markerfacecolor=face,
                      markeredgewidth=1.2, zorder=order, **style)  # fmt: skip
    _paths(axes, [(arm, x.mean, y.mean) for arm, x, y in shown], numbers)
    staircase = sorted(point for point, on in zip(points, front, strict=True) if on)
    axes.plot(*zip(*staircase, strict=True), drawstyle="steps-pre", color=GREY, linewidth=1.6, zorder=1.5)
    tidy(axes)


def _sizes(arms: Sequence[MeasuredArm]) -> dict[str, float]:
    """Of marks, by selection rule: the later a rule comes in the study, the smaller; 5.5 where there is one."""
    rules = list(dict.fromkeys(arm.rule for arm in arms))
    step = (LARGEST - SMALLEST) / max(1, len(rules) - 1)
    return {rule: LARGEST - step * place if len(rules) > 1 else 5.5 for place, rule in enumerate(rules)}


def _half(interval: MeanInterval) -> float | None:
    return None if isnan(interval.low) else interval.high - interval.mean


def _paths(axes: "Axes", shown: Sequence[tuple[MeasuredArm, float, float]], numbers: Mapping[str, int]) -> None:
    """A line through the points of a variant that varies a knob or its rule, in the order of the study."""
    paths: dict[tuple[str, str], list[tuple[MeasuredArm, float, float]]] = {}
    for entry in shown:
        arm = entry[0]
        paths.setdefault((arm.variant, arm.rule if arm.point.knobs else ""), []).append(entry)
    accuracies = [x for _, x, _ in shown]
    middle = (min(accuracies) + max(accuracies)) / 2
    for (variant, _), path in paths.items():
        if len(path) < 2:
            continue
        colour = marks(numbers[variant])["color"]
        axes.plot([x for _, x, _ in path], [y for _, _, y in path], color=colour, linewidth=0.9, alpha=0.7, zorder=2)
        if path[0][0].point.knobs and len(paths) <= MOST_LABELLED:
            for end in (path[0], path[-1]):
                _label(axes, end, text_colour(numbers[variant]), before=end[1] > middle)


def _label(axes: "Axes", end: tuple[MeasuredArm, float, float], colour: str, *, before: bool) -> None:
    """A path's end by its knobs' values, towards the middle, on a white outline that lines beneath do not cross."""
    from matplotlib.patheffects import withStroke

    arm, x, y = end
    text = written(arm.point.knobs, last=True)
    label = axes.annotate(
        fill(text, LABEL_WIDTH),
        (x, y),
        xytext=(-6 if before else 6, 0),
        textcoords="offset points",
        horizontalalignment="right" if before else "left",
        verticalalignment="center",
        fontsize=SMALL,
        color=colour,
        parse_math=False,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
        zorder=5,
    )
    label.set_in_layout(False)  # a long one would take the panel's place
