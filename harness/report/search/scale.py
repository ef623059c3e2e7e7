"""Scales of parameters: linear, logarithmic, or one place per choice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.study.study_spec import Axis

if TYPE_CHECKING:
    from matplotlib.axis import Axis as Drawn

WIDE = 20.0
"""From this ratio of the largest to the smallest of declared values on, they are shown on a log scale."""


def positions(axis: Axis, values: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Where values lie on the parameter's own scale: decades, places of choices, or the values; shape (n,)."""
    if axis.choices:
        return np.array([axis.choices.index(value) for value in values], dtype=np.float64)
    numbers = np.array(values, dtype=np.float64)
    return np.log10(numbers) if axis.log else numbers


def bounds(axis: Axis) -> tuple[float, float]:
    """Both ends of the range on the same scale."""
    if axis.choices:
        return 0.0, max(len(axis.choices) - 1.0, 1.0)
    low, high = positions(axis, axis.ends)
    return float(low), float(high)


def axis_of(values: Sequence[Any]) -> Axis:
    """An axis for values that a study lists without a range."""
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not numeric or min(values) == max(values):
        return Axis(choices=tuple(values))
    low, high = min(values), max(values)
    return Axis(low=low, high=high, log=low > 0 and high / low >= WIDE)


def show_range(drawn: "Drawn", axis: Axis, limits: Any) -> None:
    """Ticks for positions on the scale: decades as numbers, choices by name; the whole range, whatever was tried.

    Args:
        drawn: ``axes.xaxis`` or ``axes.yaxis``
        limits: ``axes.set_xlim`` or ``axes.set_ylim``
    """
    low, high = bounds(axis)
    margin = 0.06 * (high - low) if not axis.choices else 0.5
    limits(low - margin, high + margin)
    if axis.choices:
        drawn.set_ticks(range(len(axis.choices)), [str(choice) for choice in axis.choices])
    elif axis.log:
        ticks = _decades(low, high)
        drawn.set_ticks(ticks, [f"{10**tick:.3g}" for tick in ticks])


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten within the range; where there are fewer than two, 1, 2 and 5 of each; at most four of them."""
    slack = 1e-9
    ticks = [float(power) for power in range(int(np.ceil(low - slack)), int(np.floor(high + slack)) + 1)]
    if len(ticks) < 2:
        steps = [power + float(np.log10(step)) for power in range(int(low) - 2, int(high) + 2) for step in (1, 2, 5)]
        ticks = [tick for tick in steps if low - slack <= tick <= high + slack]
    return ticks[:: -(-len(ticks) // 4)] if len(ticks) > 4 else ticks
