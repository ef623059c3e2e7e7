"""One-at-a-time curves: objectives against one key, all others as they stand."""

from collections.abc import Mapping, Sequence
from math import isfinite, nan
from statistics import fmean
from typing import TYPE_CHECKING, Any

from harness.base.trees import flatten
from harness.report.document import Picture
from harness.report.search.curve_verdicts import curve_effects
from harness.report.search.measured_trials import Objective, Observed
from harness.report.search.pages import pages, panels
from harness.report.search.scale import axis_of, positions, show_range
from harness.report.style import BLUE, GREY, PALE, tidy
from harness.study.records import Record
from harness.study.study_spec import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def curves(search: Observed) -> list[Picture]:
    """Figures of up to four keys each; none where nothing was varied alone."""
    keys = list(dict.fromkeys(key for record in search.curves for key in record.params))
    seeds = len({record.seed for record in search.curves})
    each = (
        f"the mean of {seeds} seeds, which are the pale dots; two values of a panel differ by more than chance where "
        "their bars do not overlap (95 %, for all panels of a row at once)"
        if seeds > 1
        else "one seed: what is chance cannot be told"
    )
    caption = (
        "One parameter varied at a time, all others as they stand (dashed: this one's own value); validation "
        f"data, {each}."
    )
    found = {objective.key: curve_effects(search, objective) for objective in search.objectives}
    margins = {(name, key): effect.margin for name, of in found.items() for key, (_, effect) in of.items()}
    return pages("curves", caption, keys, lambda page: _draw(search, page, margins))


def _draw(search: Observed, keys: Sequence[str], margins: Mapping[tuple[str, str], float]) -> "Figure":
    figure, grid = panels(search, keys, above=0.3)
    for column, key in enumerate(keys):
        own = [record for record in search.curves if key in record.params]
        axis = _axis(search, key, [record.params[key] for record in own])
        base = standing(search, key)
        for axes, objective in zip(grid[:, column], search.objectives, strict=True):
            if base is not None and _within(axis, base):
                axes.axvline(positions(axis, [base])[0], color=GREY, linestyle="--", linewidth=1.0, zorder=1)
            _curve(axes, axis, own, key, objective, margins.get((objective.key, key), nan))
            tidy(axes)
            show_range(axes.xaxis, axis, axes.set_xlim)
    return figure


def _curve(axes: "Axes", axis: Axis, runs: Sequence[Record], key: str, objective: Objective, margin: float) -> None:
    """A line per seed in grey with pale dots, and the mean of the seeds at each value, with half of what chance may do.

    So two values' bars do not overlap exactly where their difference is more than ``margin``.
    """
    seeds = dict.fromkeys(record.seed for record in runs)
    points = [(float(positions(axis, [run.params[key]])[0]), run.metrics[objective.key], run.seed) for run in runs]
    if len(seeds) > 1:
        for seed in seeds:
            own = sorted((x, y) for x, y, of in points if of == seed)
            axes.plot(*zip(*own, strict=True), "o-", color=PALE, markersize=3.5, markeredgecolor=GREY, linewidth=0.8)
    places = sorted({x for x, _, _ in points})
    means = [fmean(y for x, y, _ in points if x == place) for place in places]
    line = "-" if not axis.choices else "none"
    axes.plot(places, means, marker="o", linestyle=line, color=BLUE, markersize=5, linewidth=1.5, zorder=3)
    if isfinite(margin):
        axes.errorbar(places, means, yerr=margin / 2, fmt="none", ecolor=BLUE, capsize=3, linewidth=1.2, zorder=3)


def _axis(search: Observed, key: str, values: Sequence[Any]) -> Axis:
    """The searched range where all values lie in it, else one that they span."""
    searched = search.study.space.get(key)
    if searched is not None and all(searched.contains(value) for value in values):
        return searched
    spanned = axis_of(list(dict.fromkeys(values)))
    if searched is None or searched.choices or spanned.choices or spanned.low is None or spanned.low <= 0:
        return spanned
    return spanned.model_copy(update={"log": searched.log})


def _within(axis: Axis, value: Any) -> bool:
    return isinstance(value, int | float | str) and axis.contains(value)


def standing(search: Observed, key: str) -> Any:
    """The value that ``key`` has while another one is varied; None where no curve tells."""
    like = search.study.space[key].like if key in search.study.space else ""
    for record in search.curves:
        if key not in record.params:
            flat = flatten(dict(record.spec))
            value = flat.get(key)
            return flat.get(like) if value is None and like and like not in record.params else value
    return None
