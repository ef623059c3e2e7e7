"""What fairness costs: accuracy against fairness, who is beaten by nobody, and how much of the plane each commands."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

from harness.report.document import Block, Picture, Section, Table
from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm, arms_of, by_problem, heading, variant_numbers
from harness.report.grid.front_picture import PLANES, draw_front
from harness.report.grid.path import path_table
from harness.report.numbers import ABSENT, with_half
from harness.stats.front import Maximise, hypervolume
from harness.stats.interval import mean_interval
from harness.study.records import Records
from harness.study.study_spec import GridSpec

REFERENCE_METHOD = "most_popular"


class Corner(NamedTuple):
    """The reference point of hypervolumes: NDCG 0 and this value of the other metric, from these runs."""

    value: float
    source: str


def front_section(study: GridSpec, records: Records) -> Section | None:
    """The fairness–accuracy front of each problem, hypervolumes, and paths at matched accuracy.

    None where nobody has both an NDCG and a CV or MIN.
    """
    blocks: list[Block] = []
    numbers = variant_numbers(records.runs)
    for place, arms in by_problem(arms_of(records.runs)).items():
        shown = [arm for arm in arms if arm.values(NDCG) and (arm.values(CV) or arm.values(MIN))]
        if shown:
            blocks += _one_problem(study, shown, numbers, place, suffix=f"-{len(blocks)}" if blocks else "")
    return Section("Fairness against accuracy", tuple(blocks)) if blocks else None


def _one_problem(
    study: GridSpec, arms: Sequence[MeasuredArm], numbers: Mapping[str, int], place: str, suffix: str
) -> list[Block]:
    planes = [plane for plane in PLANES if any(arm.values(plane[0]) for arm in arms)]
    figure, outside = draw_front(arms, planes, place, numbers)
    at = f" ({place})" if place else ""
    caption = (
        f"Accuracy against fairness on test data{at}: means over seeds with 95 % t-intervals; filled marks are on the "
        "Pareto front (the stepped line), hollow ones are beaten in both directions."
    )
    rules = list(dict.fromkeys(arm.rule for arm in arms))
    if len(rules) > 1:
        caption += f" From the largest marks to the smallest: {', '.join(rules)}."
    if outside:
        caption += f" Outside of the frame, with less than three quarters of the best NDCG: {', '.join(outside)}."
    found: list[Block] = [Picture(f"front{suffix}", caption, figure), _volumes(arms, at, suffix)]
    return found + path_table(study, arms, at, suffix)


def _volumes(arms: Sequence[MeasuredArm], at: str, suffix: str) -> Table:
    """Hypervolumes of each variant over its points and rules, seed by seed, then over seeds."""
    corners = {metric: _corner(arms, metric, maximise) for metric, maximise in PLANES}
    rows: list[dict[str, Any]] = []
    lines = []
    for variant in dict.fromkeys(arm.variant for arm in arms):
        own = [arm for arm in arms if arm.variant == variant]
        line = [variant, str(len(own))]
        for metric, maximise in PLANES:
            corner = corners[metric]
            volumes = seed_volumes(own, metric, maximise, corner.value) if corner else {}
            line.append(with_half(mean_interval(list(volumes.values()))) if volumes else ABSENT)
            rows += [
                {"variant": variant, "plane": metric, "seed": seed, "hypervolume": volume, "points": len(own)}
                for seed, volume in volumes.items()
            ]
        lines.append(tuple(line))
    told = [
        f"NDCG 0 and {heading(arms, metric)} {corner.value:.3f} ({corner.source})"
        for metric, corner in corners.items()
        if corner
    ]
    return Table(
        f"hypervolume{suffix}",
        f"Hypervolume: the area of accuracy and fairness that a variant's points dominate, test{at}; more is better.",
        ("variant", "points", *(f"NDCG, {heading(arms, metric)}" for metric, _ in PLANES)),
        tuple(lines),
        rows,
        note=f"Mean ± half of the 95 % t-interval over seeds. Reference point: {'; '.join(told)}. A variant with more "
        "points has more chances: only those with as many compare.",
    )


def _corner(arms: Sequence[MeasuredArm], metric: str, maximise: Maximise) -> Corner | None:
    """What :data:`REFERENCE_METHOD` has, where it was run, else the worst that was measured; None without a value."""
    popular = [value for arm in arms if arm.method == REFERENCE_METHOD for value in arm.values(metric).values()]
    if popular:
        return Corner(sum(popular) / len(popular), f"the mean of {REFERENCE_METHOD}")
    values = [value for arm in arms for value in arm.values(metric).values()]
    if not values:
        return None
    worst = min(values) if maximise[1] else max(values)
    return Corner(worst, f"the worst measured, as {REFERENCE_METHOD} was not run")


def seed_volumes(arms: Sequence[MeasuredArm], metric: str, maximise: Maximise, corner: float) -> dict[int, float]:
    """By seed, the hypervolume of the arms' points (NDCG, ``metric``) above NDCG 0 and ``corner``."""
    points: dict[int, list[tuple[float, float]]] = {}
    for arm in arms:
        accuracy, other = arm.values(NDCG), arm.values(metric)
        for seed in arm.runs:
            pair = accuracy.get(seed, float("nan")), other.get(seed, float("nan"))
            if all(map(isfinite, pair)):
                points.setdefault(seed, []).append(pair)
    return {seed: hypervolume(found, (0.0, corner), maximise) for seed, found in points.items()}
