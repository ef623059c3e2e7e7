"""A relative change over data sets: from those that have one, with their number."""

from collections.abc import Iterable
from math import isfinite

from harness.report.numbers import ABSENT
from harness.stats.random_effects import Pooled, random_effects
from harness.stats.ratio import RelativeChange
from harness.stats.verdict import signed


def pooled_change(changes: Iterable[RelativeChange | None]) -> Pooled | None:
    """The mean over data sets; None where no change has a size and a variance."""
    known = [change for change in changes if change is not None and isfinite(change.change) and change.variance > 0]
    if not known:
        return None
    return random_effects([change.change for change in known], [change.variance for change in known])


def in_words(pooled: Pooled | None, sets: int) -> str:
    """``−18.2 % (−30.1 … −6.0)``; where it does not rest on all of so many sets it says so."""
    if pooled is None:
        return ABSENT
    mean = f"{signed(pooled.mean)} %"
    interval = "" if pooled.n == 1 else f" ({signed(pooled.low)} … {signed(pooled.high)})"
    return mean + interval + (f" on {pooled.n} of {sets} sets" if pooled.n < sets else "")
