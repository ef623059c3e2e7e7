"""A relative change over data sets: from those that have one, with their number."""

from collections.abc import Iterable
from dataclasses import replace
from math import expm1, isfinite, log1p

from harness.report.numbers import ABSENT
from harness.stats.random_effects import Pooled, random_effects
from harness.stats.ratio import RelativeChange
from harness.stats.verdict import signed

BEYOND = 10.0
"""An upper end above it is said to be there, not where: it tells that there are too few data sets."""


def pooled_change(changes: Iterable[RelativeChange | None]) -> Pooled | None:
    """The mean over data sets, as a relative change; None where none has a size and a variance.

    What is pooled is the logarithm of the ratio (the response ratio of Hedges, Gurevitch and Curtis 1999), whose
    variance is to first order that of the change δ divided by (1 + δ)²: doubled on one set and halved on another is no
    change, and no interval reaches below −100 %. τ stays on the scale of logarithms. A set where the value fell to 0
    has none.
    """
    known = [change for change in changes if change is not None and _has_logarithm(change)]
    if not known:
        return None
    found = random_effects(
        [log1p(change.change) for change in known],
        [change.variance / (1 + change.change) ** 2 for change in known],
    )
    return replace(found, mean=expm1(found.mean), low=_back(found.low), high=_back(found.high))


def _has_logarithm(change: RelativeChange) -> bool:
    return isfinite(change.change) and change.change > -1 and change.variance > 0


def _back(end: float) -> float:
    """A change from a logarithm, without end where it is beyond all numbers: few sets leave wide intervals."""
    try:
        return expm1(end)
    except OverflowError:
        return float("inf")


def in_words(pooled: Pooled | None, sets: int) -> str:
    """``−18.2 % (−30.1 … −6.0)``; where it does not rest on all of so many sets it says so."""
    if pooled is None:
        return ABSENT
    mean = f"{signed(pooled.mean)} %"
    high = f"above {signed(BEYOND)}" if pooled.high > BEYOND else signed(pooled.high)
    interval = "" if pooled.n == 1 else f" ({signed(pooled.low)} … {high})"
    return mean + interval + (f" on {pooled.n} of {sets} sets" if pooled.n < sets else "")
