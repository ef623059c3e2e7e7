"""Forest plots: what each variant changes against the baseline, in per cent, with intervals."""

from collections.abc import Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING

from harness.report.document import Block as Part
from harness.report.document import Picture, Section, Text
from harness.report.grid.columns import Column
from harness.report.grid.differences import Difference, differences, reference_arm
from harness.report.grid.point_arms import point_arms
from harness.report.style import BLUE, GREY, NORMAL, SMALL, VERMILION, tidy
from harness.runs.group_figures import new_figure
from harness.study.points import written
from harness.study.records import Records
from harness.study.study_spec import GridSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Entry = tuple[str, Difference]
"""A row's label and what is drawn there."""
MOST_ROWS = 36
PANELS = ("CV", "MIN", "NDCG")
"""First parts of the headings of what is drawn, from left to right."""
ROW_INCHES, PANEL_INCHES = 0.24, 2.3
WIDEST = 100.0
"""Per cent beyond which an interval leaves the frame: one of two seeds would squeeze all others into a line."""


def forest_section(study: GridSpec, records: Records) -> Section | None:
    """A forest plot per task; None without a baseline or a variant beside it."""
    every = point_arms(study, records) if study.baseline else []
    tasks: dict[str, list[Entry]] = {}
    without = []
    for here in every:
        found = [one for one in differences(here, reference_arm(every, here, study.baseline)) if one.test is not None]
        shown = [one for one in found if one.column.heading.partition("@")[0] in PANELS]
        drawn = shown or [one for one in found if one.column in here.columns[: len(PANELS)]]
        if not drawn and len(here.arms) > (here.arm(study.baseline) is not None):
            without.append(here.point.name or "the only point")
        knobs = written(here.point.knobs)
        tasks.setdefault(written(here.point.problem), []).extend(
            (", ".join(part for part in (one.variant, knobs if len(every) > 1 else "") if part), one) for one in drawn
        )
    pages = [(task, page) for task, entries in tasks.items() for page in _pages(entries)]
    if not pages:
        return None
    parts: list[Part] = [
        Picture(
            f"forest-{number}" if len(pages) > 1 else "forest",
            _caption(study.baseline, task, page),
            draw_forest(page, study.baseline),
        )
        for number, (task, page) in enumerate(pages, 1)
    ]
    if without:
        parts.append(Text(f"Without a shared seed or a {study.baseline} to compare with: {', '.join(without)}."))
    return Section(f"Differences to {study.baseline} at a glance", tuple(parts))


def _pages(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries of at most ``MOST_ROWS`` rows each, a variant's points under each other."""
    order = list(dict.fromkeys(one.variant for _, one in entries))
    entries = sorted(entries, key=lambda entry: order.index(entry[1].variant))
    labels = list(dict.fromkeys(label for label, _ in entries))
    starts = range(0, len(labels), MOST_ROWS)
    return [[entry for entry in entries if entry[0] in labels[start : start + MOST_ROWS]] for start in starts]


def _caption(baseline: str, task: str, entries: Sequence[Entry]) -> str:
    at = f" ({task})" if task else ""
    return (
        f"Paired differences to {baseline}{at} on test data, in % of its mean, with 95 % t-intervals over "
        "shared seeds. Filled marks are significant after Holm's correction for all comparisons of their table: "
        "discs where the change is for the better, squares where it is for the worse. Hollow: not significant; "
        "without a line: one seed." + _outside(entries)
    )


def draw_forest(entries: Sequence[Entry], baseline: str) -> "Figure":
    """A panel per metric, a row per label, in the order given."""
    labels = list(dict.fromkeys(label for label, _ in entries))
    columns = sorted({entry.column.heading: entry.column for _, entry in entries}.values(), key=_place)
    figure = new_figure(PANEL_INCHES * len(columns) + 1.6, ROW_INCHES * len(labels) + 0.95)
    row = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column in zip(row, columns, strict=True):
        own = [(label, entry) for label, entry in entries if entry.column.heading == column.heading]
        for label, entry in own:
            _draw(axes, labels.index(label), entry)
        _frame(axes, [entry for _, entry in own])
        wanted = {"lower": "less is better", "higher": "more is better", "neither": ""}[column.better]
        axes.set_title(column.heading, fontsize=NORMAL, parse_math=False)
        axes.set_xlabel(f"% of {baseline}'s\n{wanted}", fontsize=SMALL, parse_math=False)
    row[0].set_yticks(range(len(labels)), labels, fontsize=SMALL, parse_math=False)
    row[0].set_ylim(len(labels) - 0.4, -0.6)
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


def _outside(entries: Sequence[Entry]) -> str:
    cut = [(label, one) for label, one in entries if any(abs(end) > WIDEST for end in relative(one))]
    names = ", ".join(dict.fromkeys(f"{label} ({one.column.heading})" for label, one in cut))
    return f" Intervals that reach beyond ±{WIDEST:g} % may leave the frame: {names}." if cut else ""
