"""What a search's curves say of each parameter: it decides, it does not matter here, or neither can be told."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.report.document import Block, Table
from harness.report.search.measured_trials import Objective, Observed
from harness.stats.one_at_a_time import Effect, effects
from harness.study.points import short
from harness.study.records import Record

Values = Sequence[Any]


def curve_effects(search: Observed, objective: Objective) -> dict[str, tuple[Values, Effect]]:
    """By key, its values in order and what they change of an objective; of seeds that have a run at every value.

    Keys without such a seed, or with a single value, are left out.
    """
    tables: dict[str, tuple[Values, list[list[float]]]] = {}
    for key in dict.fromkeys(key for record in search.curves for key in record.params):
        values, rows = _complete([record for record in search.curves if key in record.params], key, objective)
        if rows and len(values) > 1:
            tables[key] = values, rows
    found = effects({key: np.array(rows) for key, (_, rows) in tables.items()})
    return {key: (tables[key][0], effect) for key, effect in found.items()}


def _complete(runs: Sequence[Record], key: str, objective: Objective) -> tuple[Values, list[list[float]]]:
    """The values of a key and, for each seed that has them all, what was measured at them."""
    values = list(dict.fromkeys(run.params[key] for run in runs))
    measured: dict[int, dict[Any, float]] = {}
    for run in runs:
        measured.setdefault(run.seed, {})[run.params[key]] = run.metrics[objective.key]
    whole = (of for _, of in sorted(measured.items()) if len(of) == len(values))
    return values, [[of[value] for value in values] for of in whole]


def negligible(search: Observed, objective: Objective) -> float:
    """How much of an objective does not matter: a declared share of its mean over the curves."""
    declared = dict(zip(search.study.objectives, search.objectives, strict=True))
    name = next(name for name, one in declared.items() if one == objective)
    mean = float(np.mean([run.metrics[objective.key] for run in search.curves]))
    return search.study.negligible_share(name) * abs(mean)


def verdict_blocks(search: Observed) -> list[Block]:
    """A sentence for each parameter and objective, as a table that a terminal shows."""
    found = {one.label: curve_effects(search, one) for one in search.objectives}
    least = {one.label: negligible(search, one) for one in search.objectives}
    keys = list(dict.fromkeys(key for of in found.values() for key in of))
    if not keys:
        return []
    lines = tuple(
        (search.symbol(key), *(_sentence(*found[label][key], least[label]) if key in found[label] else "–"
        for label in found))
        for key in keys
    )  # fmt: skip
    data = [_row(key, label, found[label][key], least[label]) for key in keys for label in found if key in found[label]]
    shares = ", ".join(f"{value:.3g} of {label}" for label, value in least.items())
    note = (
        "± is what chance may contribute to a difference of two values within the seeds; it holds for all pairs of "
        f"values and all {len(keys)} parameters at once (95 %, Tukey and Bonferroni), with one variance of chance for "
        f"all curves. A parameter decides where its largest difference is more than that; it does not matter here "
        f"where no difference can be as large as {shares}. On this data set, encoder and budget."
    )
    caption = "What each parameter changes, all others as they stand."
    headings = ("parameter", *found)
    return [Table("curve_verdicts", caption, headings, lines, data, note=note, leading=True)]


def _sentence(values: Values, effect: Effect, least: float) -> str:
    """``decides: 0.213 at 1e-4, 0.254 at 1e-2 (0.041 ± 0.012)``."""
    low, high = int(np.argmin(effect.means)), int(np.argmax(effect.means))
    at = ", ".join(f"{effect.means[place]:.3f} at {short(values[place])}" for place in (low, high))
    margin = "" if np.isnan(effect.margin) else f" ({effect.difference:.3f} ± {effect.margin:.3f})"
    return f"{effect.verdict(least)}: {at}{margin}"


def _row(key: str, label: str, found: tuple[Values, Effect], least: float) -> Mapping[str, Any]:
    values, effect = found
    return {
        "parameter": key,
        "objective": label,
        "verdict": effect.verdict(least),
        "difference": effect.difference,
        "margin": effect.margin,
        "negligible": least,
        "means": "; ".join(f"{short(value)}: {mean:.6g}" for value, mean in zip(values, effect.means, strict=True)),
    }
