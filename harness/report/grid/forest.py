"""Forest plots: what each variant changes against the baseline, in per cent, with intervals."""

from collections.abc import Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING

from harness.report.document import Block as Part
from harness.report.document import Picture, Section, Text
from harness.report.grid.blocks import blocks
from harness.report.grid.columns import Column
from harness.report.grid.differences import Difference, differences, reference_row
from harness.report.style import BLUE, GREY, NORMAL, SMALL, VERMILION, new_figure, tidy
from harness.study.records import Records
from harness.study.spec import GridSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = ("CV", "MIN", "NDCG")
"""First parts of the headings of what is drawn, from left to right."""
ROW_INCHES, PANEL_INCHES = 0.24, 2.3
WIDEST = 100.0
"""Per cent beyond which an interval leaves the frame: one of two seeds would squeeze all others into a line."""


def forest_section(study: GridSpec, records: Records) -> Section | None:
    """A forest plot per point at which the baseline was measured; None without a baseline or a variant beside it."""
    parts: list[Part] = []
    without = []
    every = blocks(study, records) if study.baseline else []
    for block in every:
        reference = reference_row(every, block, study.baseline)
        found = [entry for entry in differences(block, reference) if entry.test is not None]
        shown = [entry for entry in found if entry.column.heading.partition("@")[0] in PANELS]
        drawn = shown or [entry for entry in found if entry.column in block.columns[: len(PANELS)]]
        if not drawn:
            without.append(block.name)
            continue
        at = f" at {block.name}" if block.name else ""
        figure = draw_forest(drawn, study.baseline)
        caption = (
            f"Paired differences to {study.baseline}{at} on test data, in % of its mean, with 95 % t-intervals over "
            "shared seeds. Filled marks are significant after Holm's correction for all comparisons of the table: "
            "discs where the change is for the better, squares where it is for the worse. Hollow: not significant; "
            "without a line: one seed."
        )
        parts.append(Picture(f"forest-{len(parts)}" if parts else "forest", caption + _outside(drawn), figure))
    if not parts:
        return None
    if without:
        parts.append(Text(f"{study.baseline} or a variant beside it was not measured at: {', '.join(without)}."))
    return Section(f"Differences to {study.baseline} at a glance", tuple(parts))


def draw_forest(found: Sequence[Difference], baseline: str) -> "Figure":
    """A panel per metric, a row per variant, in the order given."""
    variants = list(dict.fromkeys(entry.variant for entry in found))
    columns = sorted(dict.fromkeys(entry.column for entry in found), key=_place)
    figure = new_figure(PANEL_INCHES * len(columns) + 1.4, ROW_INCHES * len(variants) + 0.95)
    row = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column in zip(row, columns, strict=True):
        for entry in found:
            if entry.column == column:
                _draw(axes, variants.index(entry.variant), entry)
        _frame(axes, [entry for entry in found if entry.column == column])
        wanted = {"lower": "less is better", "higher": "more is better", "neither": ""}[column.better]
        axes.set_title(column.heading, fontsize=NORMAL, parse_math=False)
        axes.set_xlabel(f"% of {baseline}'s\n{wanted}", fontsize=SMALL, parse_math=False)
    row[0].set_yticks(range(len(variants)), variants, fontsize=SMALL, parse_math=False)
    row[0].set_ylim(len(variants) - 0.4, -0.6)
    return figure


def relative(entry: Difference) -> tuple[float, float, float]:
    """The mean difference and the ends of its interval in % of the baseline's mean as measured; NaN where that is 0."""
    if entry.test is None or not entry.reference:
        return nan, nan, nan
    found, scale = entry.test.difference, 100 / entry.reference
    return found.mean * scale, found.low * scale, found.high * scale


def _place(column: Column) -> int:
    name = column.heading.partition("@")[0]
    return PANELS.index(name) if name in PANELS else len(PANELS)


def _draw(axes: "Axes", height: int, entry: Difference) -> None:
    mean, low, high = relative(entry)
    if not isfinite(mean):
        return
    colour, marker = GREY, "o"
    if entry.significant and entry.column.better != "neither":
        colour, marker = (BLUE, "o") if entry.improvement else (VERMILION, "s")
    face = colour if entry.significant else "white"
    if isfinite(low):
        axes.plot((low, high), (height, height), color=colour, linewidth=1.3, zorder=2, solid_capstyle="butt")
    axes.plot(mean, height, marker, color=colour, markerfacecolor=face, markersize=6, markeredgewidth=1.2, zorder=3)


def _frame(axes: "Axes", found: Sequence[Difference]) -> None:
    """A line at 0 and room for every mean; ends of intervals beyond ``WIDEST`` are cut off."""
    ends = [end for entry in found for end in relative(entry) if isfinite(end)]
    means = [mean for entry in found if isfinite(mean := relative(entry)[0])]
    low, high = (max(min([0.0, *ends]), min([-WIDEST, *means])), min(max([0.0, *ends]), max([WIDEST, *means])))
    margin = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - margin, high + margin)
    axes.axvline(0, color="black", linewidth=0.9, zorder=1)
    tidy(axes, grid="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _outside(found: Sequence[Difference]) -> str:
    cut = [entry for entry in found if any(abs(end) > WIDEST for end in relative(entry))]
    names = ", ".join(dict.fromkeys(f"{entry.variant} ({entry.column.heading})" for entry in cut))
    return f" Intervals that reach beyond ±{WIDEST:g} % may leave the frame: {names}." if cut else ""
