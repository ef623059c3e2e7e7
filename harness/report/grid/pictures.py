"""Who gains and who loses, and how training got there: pictures of the variants that matter most."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.report.document import Block, Picture, Section
from harness.report.grid.arms import NDCG, MeasuredArm, arm_names, arms_of, by_problem, variant_numbers
from harness.report.grid.front_picture import LEAST_ACCURATE, PLANES
from harness.report.grid.trajectories import KeyedCurves, curves_by_run, draw_trajectories, moves, trajectories
from harness.report.grid.utilities import draw_utilities, utilities
from harness.stats.front import pareto_front
from harness.study.records import Records
from harness.study.study_spec import GridSpec

READABLE = 6
"""Variants beside each other in one picture."""


class _Kind(NamedTuple):
    """A kind of curve: its axis, its title, and whether its values compare between variants."""

    axis: str
    title: str
    one_scale: bool


CURVES = {  # by the name of the metric that training keeps of each group
    "group_weight": _Kind("group weight", "Weights of the groups in training", True),
    "group_loss": _Kind("group loss", "Training losses of the groups", False),
}


def pictures_section(study: GridSpec, records: Records) -> Section | None:
    """Utilities of the groups, and trajectories of their weights and losses; None where no run has any of them."""
    by_run, numbers = curves_by_run(records.curves), variant_numbers(records.runs)
    blocks: list[Block] = []
    for number, (place, arms) in enumerate(by_problem(arms_of(records.runs)).items()):
        blocks += _one_problem(
            study, arms, by_run, numbers, f" ({place})" if place else "", f"-{number}" if number else ""
        )
    return Section("Groups", tuple(blocks)) if blocks else None


def _one_problem(
    study: GridSpec,
    arms: Sequence[MeasuredArm],
    by_run: Mapping[str, KeyedCurves],
    numbers: Mapping[str, int],
    at: str,
    suffix: str,
) -> list[Block]:
    shown = chosen(arms, study.baseline)
    labels = dict(zip(arms, arm_names(arms), strict=True))
    left_out = [variant for variant in dict.fromkeys(arm.variant for arm in arms)
                if variant not in {arm.variant for arm in shown}]  # fmt: skip
    without = f" Not shown: {', '.join(left_out)}." if left_out else ""
    blocks: list[Block] = []
    if found := {arm: values for arm in shown if (values := utilities(arm))}:
        caption = (
            f"Utility of each group on test data{at}, groups in the order of {labels[next(iter(found))]}: mean over "
            f"seeds with 95 % t-intervals.{without}"
        )
        named = {labels[arm]: values for arm, values in found.items()}
        drawn = draw_utilities(named, shown[0].first.view, [numbers[arm.variant] for arm in found])
        blocks.append(Picture(f"utilities{suffix}", caption, drawn))
    for metric, (axis, title, one_scale) in CURVES.items():
        lines = {labels[arm]: trajectories(arm, by_run, metric) for arm in shown}
        moving = {label: curves for label, curves in lines.items() if moves(curves)}
        if moving:
            still = ", ".join(label for label in lines if label not in moving)
            caption = (
                f"{title}{at} by epoch, mean over seeds up to the last epoch that all of them reached; in colour the "
                f"two highest and the two lowest at the end, the others in grey."
                f"{'' if one_scale else ' Losses of different methods are on scales of their own.'}"
                f"{f' Constant to within 2 % or not kept: {still}.' if still else ''}{without}"
            )
            name = metric.replace("_", "-")
            blocks.append(Picture(f"{name}{suffix}", caption, draw_trajectories(moving, axis, one_scale=one_scale)))
    return blocks


def chosen(arms: Sequence[MeasuredArm], baseline: str) -> list[MeasuredArm]:
    """The baseline, then one arm of each variant on a front, up to :data:`READABLE` in all; all where they are few."""
    leading: dict[str, MeasuredArm] = {}
    for arm in [*(arm for arm in arms if arm.variant == baseline), *_on_a_front(arms)]:
        leading.setdefault(arm.variant, arm)
    if len({arm.variant for arm in arms}) <= READABLE:
        for arm in arms:
            leading.setdefault(arm.variant, arm)
    return list(leading.values())[:READABLE]


def _on_a_front(arms: Sequence[MeasuredArm]) -> list[MeasuredArm]:
    """Arms in the frame of the fronts that nobody beats in CV, or in MIN, and accuracy; the most accurate first."""
    found: dict[MeasuredArm, float] = {}
    best = max((x.mean for arm in arms if (x := arm.mean(NDCG))), default=0.0)
    for metric, maximise in PLANES:
        points = [(arm, x.mean, y.mean) for arm in arms if (x := arm.mean(NDCG)) and (y := arm.mean(metric))]
        front = pareto_front([point[1:] for point in points], maximise)
        leading = [point for point, on in zip(points, front, strict=True) if on]
        found |= {arm: x for arm, x, _ in leading if x >= LEAST_ACCURATE * best}
    return sorted(found, key=lambda arm: -found[arm])
