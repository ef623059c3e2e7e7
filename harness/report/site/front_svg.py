"""The picture of accuracy against fairness, drawn as SVG whose marks lead to their runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan

from harness.report.grid.arms import NDCG
from harness.report.grid.front_picture import LEAST_ACCURATE
from harness.report.numbers import number
from harness.report.site.labels import Box, placed
from harness.report.site.leaderboard import Leaderboard, Row
from harness.report.style import SHAPES, marks
from harness.report.writers.html import text_html
from harness.stats.front import Maximise, pareto_front
from harness.stats.interval import MeanInterval

WIDTH, HEIGHT = 470, 370
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 14, 48
"""Margins, in units of the drawing."""
MARK = 11
DARK = {"#000000": "#E8E8E8", "#0072B2": "#8B9CFF"}
"""What takes the place of colours that do not show on a dark page."""
PAD, LONGEST_BAR = 0.12, 0.5
"""Of the span of the means: what is left free around them, and how far bars count for the frame."""


@dataclass(frozen=True)
class Axis:
    """Where values of a metric are between two ends of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> list[float]:
        """Round values within."""
        from matplotlib.ticker import MaxNLocator

        found = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
        return [float(value) for value in found if self.low <= value <= self.high]


def front_svg(
    board: Leaderboard, metric: str, maximise: Maximise, numbers: Mapping[str, int], pages: Mapping[str, str], name: str
) -> str:
    """NDCG against ``metric``, as the report's picture has it; empty where fewer than two variants have both.

    Args:
        numbers: what decides colour and marker, by variant
        pages: the address of the runs of each row, by its name
        name: of the drawing, which no other one on the page has
    """
    rows, _ = framed(board, metric)
    if len(rows) < 2:
        return ""
    across, up = [row.means[NDCG] for row in rows], [row.means[metric] for row in rows]
    x = _axis(across, LEFT, WIDTH - RIGHT)
    y = _axis(up, HEIGHT - BOTTOM, TOP)
    means = [(a.mean, b.mean) for a, b in zip(across, up, strict=True) if a and b]
    on_front = pareto_front(means, maximise)
    points = [(x.at(a), y.at(b)) for a, b in means]
    frame = Box(LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    first = sorted(range(len(rows)), key=lambda place: not on_front[place])  # those on the front have the choice
    chosen = placed([rows[place].name for place in first], [points[place] for place in first], frame, MARK)
    labels = [label for _, label in sorted(zip(first, chosen, strict=True), key=lambda pair: pair[0])]
    drawn = []
    for row, point, on, label in zip(rows, points, on_front, labels, strict=True):
        style = marks(numbers[row.arm.variant])
        colour = style["color"]
        told = f"{row.name}: {board.headings[NDCG]} {_value(row, NDCG)}, {board.headings[metric]} {_value(row, metric)}"
        drawn.append(
            f'<a class="mark{" on" if on else ""}" href="{text_html(pages[row.name])}" tabindex="-1" '
            f'data-name="{text_html(row.name)}" data-x="{point[0]:.1f}" data-y="{point[1]:.1f}" '
            f'style="--light:{colour};--dark:{DARK.get(colour, colour)}"><title>{text_html(told)}</title>'
            f"{_bars(row, metric, x, y)}{shape(style['marker'], *point)}"
            f'<text{" class=crowded" if label.crowded else ""} x="{label.x:.1f}" y="{label.y:.1f}" '
            f'text-anchor="{label.anchor}">{text_html(row.name)}</text></a>'
        )
    way = "more" if maximise[1] else "less"
    titles = (f"{board.headings[NDCG]} (more is better)", f"{board.headings[metric]} ({way} is better)")
    steps = staircase([point for point, on in zip(points, on_front, strict=True) if on])
    return (
        f'<svg class="front" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" data-better="{"up" if maximise[1] else "down"}" '
        f'aria-label="{text_html(f"{titles[1]} against {titles[0]}; the table has the same values and links")}">'
        f'<clipPath id="{name}"><rect x="{LEFT}" y="{TOP}" width="{frame.right - LEFT}" height="{frame.bottom - TOP}"/>'
        f"</clipPath>{_grid(x, y, frame, titles)}"
        f'<g clip-path="url(#{name})"><polyline class="steps" points="{steps}"/></g>'
        f'<g style="--clip:url(#{name})">{"".join(drawn)}</g></svg>'
    )


def framed(board: Leaderboard, metric: str) -> tuple[list[Row], list[Row]]:
    """The rows that have both metrics: those in the picture, and those whose NDCG would squeeze the others together."""
    both = [row for row in board.rows if row.means[NDCG] and row.means[metric]]
    best = max((found.mean for row in both if (found := row.means[NDCG])), default=0.0)
    inside = [row for row in both if (found := row.means[NDCG]) and found.mean >= LEAST_ACCURATE * best]
    return inside, [row for row in both if row not in inside]


def staircase(points: Sequence[tuple[float, float]]) -> str:
    """The edge of what the front's points dominate, from the least accurate on."""
    ordered = sorted(points)
    path = ordered[:1]
    for (x, _), after in pairwise(ordered):
        path += [(x, after[1]), after]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in path)


def shape(marker: str, x: float, y: float) -> str:
    """A marker with its middle at a place."""
    scale = MARK / 10
    return f'<path d="{SHAPES[marker]}" transform="translate({x - MARK / 2:.1f} {y - MARK / 2:.1f}) scale({scale:g})"/>'


def _axis(found: Sequence[MeanInterval | None], start: float, end: float) -> Axis:
    """Round all means, and round their bars as far as these are not longer than what they are to be compared by."""
    known = [one for one in found if one is not None]
    low, high = min(one.mean for one in known), max(one.mean for one in known)
    span = (high - low) or abs(high) or 1.0
    halves = [0.0 if isnan(one.high) else min(one.high - one.mean, LONGEST_BAR * span) for one in known]
    low = min(one.mean - half for one, half in zip(known, halves, strict=True))
    high = max(one.mean + half for one, half in zip(known, halves, strict=True))
    return Axis(low - PAD * span, high + PAD * span, start, end)


def _bars(row: Row, metric: str, x: Axis, y: Axis) -> str:
    a, b = row.means[NDCG], row.means[metric]
    if a is None or b is None:
        return ""
    found = []
    if not isnan(a.low):
        found.append(f"M{x.at(a.low):.1f} {y.at(b.mean):.1f}H{x.at(a.high):.1f}")
    if not isnan(b.low):
        found.append(f"M{x.at(a.mean):.1f} {y.at(b.low):.1f}V{y.at(b.high):.1f}")
    return f'<path class="bar" d="{"".join(found)}"/>' if found else ""


def _grid(x: Axis, y: Axis, frame: Box, titles: tuple[str, str]) -> str:
    """Pale lines, values along two sides, and what they are of."""
    found = []
    for value in x.ticks:
        found.append(f'<path class="grid" d="M{x.at(value):.1f} {frame.top}V{frame.bottom}"/>')
        found.append(
            f'<text class="tick" x="{x.at(value):.1f}" y="{frame.bottom + 16}" text-anchor="middle">{value:g}</text>'
        )
    for value in y.ticks:
        found.append(f'<path class="grid" d="M{frame.left} {y.at(value):.1f}H{frame.right}"/>')
        found.append(
            f'<text class="tick" x="{frame.left - 7}" y="{y.at(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    middle = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
    found.append(
        f'<text class="axis" x="{middle[0]:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{text_html(titles[0])}</text>'
    )
    found.append(
        f'<text class="axis" transform="translate(14 {middle[1]:.0f}) rotate(-90)" text-anchor="middle">'
        f"{text_html(titles[1])}</text>"
    )
    return "".join(found)


def _value(row: Row, metric: str) -> str:
    found = row.means[metric]
    return "" if found is None else number(found.mean)
