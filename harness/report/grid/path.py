"""Methods with a knob at matched accuracy: the fairest of their points that costs no more than a given share."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from harness.report.document import Block, Table, Text
from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm, arm_names, heading, measured
from harness.report.numbers import ABSENT, with_half
from harness.stats.interval import mean_interval
from harness.study.records import Record
from harness.study.study_spec import GridSpec

SHARES = (0.01, 0.02, 0.05)
"""Of the baseline's NDCG on validation, what may be lost."""
TEST_METRICS = (NDCG, CV, MIN)


class Choice(NamedTuple):
    """The point that a variant is represented by on one seed."""

    name: str
    run: Record


def path_table(study: GridSpec, arms: Sequence[MeasuredArm], at: str, suffix: str) -> list[Block]:
    """The table, where a knob of some variant has several values, or a word on why there is none.

    Points that differ in their selection rule alone are compared where rules are
    (:mod:`harness.report.grid.matched_accuracy`).
    """
    variants = [
        variant
        for variant in dict.fromkeys(arm.variant for arm in arms)
        if len({repr(arm.point.knobs) for arm in arms if arm.variant == variant}) > 1
    ]
    if not variants:
        return []
    bars = baseline_accuracy([arm for arm in arms if arm.variant == study.baseline])
    if not bars:
        who = f"'{study.baseline}' has no NDCG on validation" if study.baseline else "the study declares no baseline"
        return [Text(f"No comparison of paths at matched accuracy{at}: {who}.")]
    rows: list[dict[str, Any]] = []
    lines = []
    for variant in variants:
        own = [arm for arm in arms if arm.variant == variant]
        seeds = [seed for seed in bars if any(seed in arm.runs for arm in own)]
        for share in SHARES:
            chosen = {seed: found for seed in seeds if (found := fairest(own, seed, (1 - share) * bars[seed]))}
            rows += [_row(variant, share, seed, choice) for seed, choice in chosen.items()]
            lines.append(_line(variant, share, chosen, len(seeds)))
    return [
        Table(
            f"paths{suffix}",
            f"At matched accuracy: of each variant's points, the fairest on validation that keeps NDCG within a share "
            f"of {study.baseline}'s, as measured on test{at}.",
            ("variant", "NDCG lost at most", *(heading(arms, metric) for metric in TEST_METRICS), "seeds", "points"),
            tuple(lines),
            rows,
            note=f"Seed by seed, validation chooses: the lowest CV among the points with NDCG ≥ (1 − x) · that of "
            f"{study.baseline}; test is read once, of what was chosen. Mean ± half of the 95 % t-interval over the "
            "seeds that have such a point.",
        )
    ]


def baseline_accuracy(arms: Sequence[MeasuredArm]) -> dict[int, float]:
    """By seed, the baseline's NDCG on validation; the highest where it has several points."""
    found: dict[int, float] = {}
    for arm in arms:
        for seed, value in arm.values(NDCG, "validation").items():
            found[seed] = max(value, found.get(seed, value))
    return found


def fairest(arms: Sequence[MeasuredArm], seed: int, required: float) -> Choice | None:
    """The run of ``seed`` with the lowest CV on validation, of those whose NDCG there is at least ``required``.

    None where no run reaches it, or none that does has a CV.
    """
    reached = [
        (cv, name, arm.runs[seed])
        for arm, name in zip(arms, arm_names(arms), strict=True)
        if arm.values(NDCG, "validation").get(seed, float("-inf")) >= required
        and (cv := arm.values(CV, "validation").get(seed)) is not None
    ]
    if not reached:
        return None
    _, name, run = min(reached, key=lambda entry: entry[0])
    return Choice(name.removeprefix(f"{arms[0].variant}, "), run)


def _line(variant: str, share: float, chosen: dict[int, Choice], seeds: int) -> tuple[str, ...]:
    cells = []
    for metric in TEST_METRICS:
        values = [value for choice in chosen.values() if (value := measured(choice.run, metric)) == value]
        cells.append(with_half(mean_interval(values)) if values else ABSENT if chosen else "none")
    points = [choice.name for choice in chosen.values()]
    told = "; ".join(f"{name} ×{points.count(name)}" for name in dict.fromkeys(points)) or ABSENT
    return variant, f"{100 * share:g} %", *cells, f"{len(chosen)} of {seeds}", told


def _row(variant: str, share: float, seed: int, choice: Choice) -> dict[str, Any]:
    test = {f"test {metric}": measured(choice.run, metric) for metric in TEST_METRICS}
    return {"variant": variant, "share": share, "seed": seed, "point": choice.name, "run": choice.run.run, **test}
