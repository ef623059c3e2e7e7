"""A run beside its reference: what lies between them, and one sentence, readable at 80 columns."""

from collections.abc import Iterator
from math import isnan

from rich.table import Table

from harness.console.short_names import short_names
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.runs.against import Against

SHOWN = {"cv": "CV", "ndcg": "NDCG", "min25": "MIN"}
WIDE = 80
NARROW = (8, 6, 7, 7, 7)
"""Columns of the terminal for each figure's column where there are fewer than :data:`WIDE`: 60 suffice."""
FIGURE = len("0.0123")
HEADING = 16


def differences_table(against: Against, label: str, width: int) -> Table:
    """A row for each metric: reference, run, difference and its interval over resampled users.

    Args:
        label: of the run
        width: of the terminal, in columns
    """
    title = f"Against {against.reference} @{against.k}, groups of {against.group}"
    table = Table(title=title, title_justify="left", title_style="")
    table.add_column("metric")
    difference, widths = ("difference", [None] * len(NARROW)) if width >= WIDE else ("change", NARROW)
    headings = (reference_heading(against), label, difference, "95 % from", "to")
    for heading, columns in zip(headings, widths, strict=True):
        table.add_column(heading, justify="right", overflow="fold", min_width=FIGURE, width=columns)
    for key, found in against.differences.items():
        values = (f"{value:.4f}" for value in (found.first, found.second))
        changes = (f"{value:+.4f}" for value in (found.difference, found.low, found.high))
        table.add_row(key.name, *values, *changes)
    return table


def reference_heading(against: Against) -> str:
    """The reference's name above its figures, in two lines at most."""
    return short_names([against.reference], HEADING)[against.reference]


def paired_bar(first: float, second: float, top: float, width: int) -> str:
    """Two bars in one row of text: the upper half is the first one's length, the lower half the second one's."""
    upper, lower = (round(width * value / top) if top > 0 else 0 for value in (first, second))
    return "█" * min(upper, lower) + ("▀" * (upper - lower) if upper > lower else "▄" * (lower - upper))


def sentences(against: Against) -> Iterator[str]:
    """What has been gained at what price, what other users might change of that, and what would settle it."""
    cv, ndcg, worst = (against.of(name) for name in ("cv", "ndcg", "min25"))
    gained = f"not told apart from {against.reference} in fairness"
    if cv.excludes_zero:
        by = f" by {abs(cv.difference / cv.first):.0%}" if cv.first > 0 else ""
        gained = f"{'fairer' if cv.difference < 0 else 'less fair'} than {against.reference}{by}"
    shown = ", ".join((f"CV@{against.k} of {against.group} {_change(cv)}", f"NDCG {_relative(ndcg)}"))
    yield f"{gained}: {shown}, worst quarter of the groups {_relative(worst)}"
    if open_ := [SHOWN[name] for name in SHOWN if not against.of(name).excludes_zero]:
        yield f"no more than other users might change: {', '.join(open_)}"


def _change(found: BootstrapDifference) -> str:
    first, second = ("none" if isnan(value) else f"{value:.3f}" for value in (found.first, found.second))
    return f"{first} → {second}"


def _relative(found: BootstrapDifference) -> str:
    """In per cent, where the reference's value is one to divide by; else both values."""
    return f"{found.difference / found.first:+.1%}" if found.first > 0 else _change(found)
