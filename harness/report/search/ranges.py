"""Which values are safe: where the good trials of a search lie, and whether that is more than chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, comb, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.report.document import Block, Table, Text
from harness.report.search.measured_trials import Observed
from harness.report.search.scale import positions
from harness.study.points import short

WITHIN = 0.02
"""Share of the best value of the first objective that good trials may lose."""
BEST_SHARE = 0.25
MIN_GOOD = 3
SHARP = 0.1
"""A narrow range is believed where as many trials at random would span no more in at most this share of draws."""


@dataclass(frozen=True)
class Recommended:
    """Of one parameter, where the good trials lie.

    Attributes:
        key: of the parameter
        low, high: extremes of its values in good trials
        good, inside: how many trials are good, and how many lie within these extremes
        chance: share of equally many trials drawn at random that span no more
    """

    key: str
    low: Any
    high: Any
    good: int
    inside: int
    chance: float

    @property
    def sharp(self) -> bool:
        """Whether the range says more than that some trials were good."""
        return self.chance <= SHARP


def good_trials(search: Observed) -> npt.NDArray[np.bool_]:
    """Trials within 2 % of the best first objective and, of those, in the best quarter of the second one, shape (n,).

    The quarter is of the trials that are accurate enough, and never fewer than three, so that an objective that is
    easily bought with accuracy does not leave nobody. Further objectives have no say: with each the rest would halve.
    """
    gains = search.gains()
    first = gains[:, 0]
    good: npt.NDArray[np.bool_] = first >= first.max() - WITHIN * abs(first.max())
    if gains.shape[1] > 1:
        ranked = np.sort(gains[good, 1])[::-1]
        good &= gains[:, 1] >= ranked[min(len(ranked), max(MIN_GOOD, ceil(BEST_SHARE * len(ranked)))) - 1]
    return good


def recommended(search: Observed) -> list[Recommended]:
    """A range per numeric parameter; none where fewer than three trials are good."""
    good = good_trials(search) if search.trials else np.zeros(0, dtype=bool)
    if good.sum() < MIN_GOOD:
        return []
    ranges = []
    for key, axis in search.searched().items():
        if axis.choices:
            continue
        values = [trial.params[key] for trial in search.trials]
        places = positions(axis, values)
        own = places[good]
        inside = (places >= own.min()) & (places <= own.max())
        chosen = [value for value, on in zip(values, good, strict=True) if on]
        chance = chance_of_span(places, int(good.sum()), float(np.ptp(own)))
        ranges.append(Recommended(key, min(chosen), max(chosen), int(good.sum()), int(inside.sum()), chance))
    return ranges


def chance_of_span(places: Sequence[float] | npt.NDArray[np.float64], k: int, span: float) -> float:
    """The share of the subsets of ``k`` places whose range is at most ``span``, counted exactly.

    Each subset is counted at its smallest member (of equal ones the first): with m others above it within ``span``,
    there are C(m, k − 1) of them. NaN where there are fewer than ``k`` places.
    """
    ordered = np.sort(np.asarray(places, dtype=np.float64))
    if k < 1 or len(ordered) < k:
        return nan
    above = np.searchsorted(ordered, ordered + span + 1e-12, side="right") - np.arange(len(ordered)) - 1
    return sum(comb(int(m), k - 1) for m in above) / comb(len(ordered), k)


def range_blocks(search: Observed) -> list[Block]:
    """A table in words, or a word on why there is none."""
    if len(search.trials) < 2 * MIN_GOOD:
        return [Text(f"No recommended ranges: {len(search.trials)} finished trials are too few.")]
    ranges = recommended(search)
    second = [one.label for one in search.objectives[1:2]]
    criterion = f"within {100 * WITHIN:g} % of the best {search.objectives[0].label}"
    if second:
        criterion += f" and, of those, in the best quarter (at least {MIN_GOOD}) of {second[0]}"
    if not ranges:
        return [Text(f"No recommended ranges: fewer than {MIN_GOOD} trials are {criterion}.")]
    lines = tuple((search.symbol(one.key), f"{short(one.low)} … {short(one.high)}", in_words(one)) for one in ranges)
    data = [{"parameter": one.key, "low": one.low, "high": one.high, "good": one.good, "inside": one.inside,
             "chance": one.chance, "sharp": one.sharp} for one in ranges]  # fmt: skip
    note = (
        f"Good: {criterion}, on validation data. Sharp: as many trials drawn at random from those made would span no "
        f"more in at most {100 * SHARP:g} % of draws. The ranges are those of this data set and encoder."
    )
    caption = f"Where the {ranges[0].good} good of {len(search.trials)} trials lie."
    return [Table("ranges", caption, ("parameter", "good trials", "verdict"), lines, data, note=note, leading=True)]


def in_words(one: Recommended) -> str:
    """With counts: recommended, or not sharp."""
    if not one.sharp:
        return f"not sharp: {one.inside} trials lie there and {one.good} are good (by chance: {one.chance:.0%})"
    return f"recommended: {one.good} of the {one.inside} trials there are good (by chance: {one.chance:.0%})"
