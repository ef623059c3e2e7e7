"""The utility of every group under several variants, as dots with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, isnan
from typing import TYPE_CHECKING

from harness.domain.metric_key import GROUP, UTILITY, of_split
from harness.report.grid.arms import MeasuredArm
from harness.report.style import NORMAL, PALE, SMALL, marks, tidy
from harness.runs.group_figures import new_figure
from harness.runs.group_labels import group_labels
from harness.spec.spec_view import SpecView
from harness.stats.interval import MeanInterval, mean_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_GROUPS = 24
"""Of more groups the ones at both ends are drawn."""
ROW_INCHES, LANE_INCHES = 0.09, 0.07
"""Of a group: its margin, and what each variant takes."""


def utilities(arm: MeasuredArm) -> dict[str, MeanInterval]:
    """By group of the grouping trained on, the utility at the headline cut-off on test data, over seeds.

    Groups are called what people call them, where the runs have kept it.
    """
    values: dict[str, list[float]] = {}
    for run in arm.runs.values():
        labels = group_labels(run.tags, run.view.group)
        asked = run.view.metric(f"{GROUP}/{UTILITY}", split="")
        for key, value in of_split(run.metrics, "test").items():
            if key.group and replace(key, group="") == asked and isfinite(value):
                values.setdefault(labels.get(key.group, key.group), []).append(value)
    return {group: mean_interval(found) for group, found in values.items()}


def draw_utilities(
    found: Mapping[str, Mapping[str, MeanInterval]], asked: SpecView, numbers: Sequence[int]
) -> "Figure":
    """A row per group, best served first by the first variant, and in it a dot per variant.

    Args:
        found: utilities by variant and group
        asked: of one of the runs, for the axis
        numbers: of each variant, what decides its colour and marker
    """
    first = next(iter(found.values()))
    groups = list(dict.fromkeys(group for utility in found.values() for group in utility))
    ranked = sorted(groups, key=lambda group: -first[group].mean if group in first else 1.0)
    rows = _both_ends(ranked)
    lane = LANE_INCHES / (ROW_INCHES + LANE_INCHES * len(found))
    figure = new_figure(6.4, 0.9 + (ROW_INCHES + LANE_INCHES * len(found)) * len(rows) + 0.16 * -(-len(found) // 3))
    axes = figure.add_subplot()
    for number, (variant, utility) in enumerate(found.items()):
        style, offset = marks(numbers[number]), lane * (number - (len(found) - 1) / 2)
        axes.plot([], [], linestyle="none", markersize=5, label=variant, **style)
        for place, group in enumerate(rows):
            if group not in utility:
                continue
            value, height = utility[group], place + offset
            if not isnan(value.low):
                axes.plot((value.low, value.high), (height, height), color=style["color"], linewidth=0.8, alpha=0.5)
            axes.plot(value.mean, height, markersize=4.5, linestyle="none", **style)
    for place in range(len(rows) - 1):
        axes.axhline(place + 0.5, color=PALE, linewidth=0.6, zorder=0)
    labels = [group or f"… {len(ranked) - len(rows) + 1:,} more …" for group in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=SMALL, parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel(f"utility of the {asked.group} group at {asked.k} (more is better)", fontsize=NORMAL)
    tidy(axes, grid="x")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper left", fontsize=SMALL, frameon=False, ncols=3)
    return figure


def _both_ends(groups: list[str]) -> list[str]:
    """All groups, or of many the first and the last with an empty row between."""
    if len(groups) <= MOST_GROUPS:
        return groups
    half = MOST_GROUPS // 2
    return [*groups[:half], "", *groups[-half:]]
