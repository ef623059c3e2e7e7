"""What a comparison's tables show: point by point an arm for each variant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.report.grid.arms import MeasuredArm, every_arm
from harness.report.grid.columns import Column, columns
from harness.study.points import GridPoint, point_names
from harness.study.records import Records
from harness.study.study_spec import GridSpec


@dataclass(frozen=True, eq=False)
class PointArms:
    """What a table shows: the arms at one point, one for each variant.

    Attributes:
        point: with its name, which is empty where there is one
        arms: in the study's order
        columns: what is shown of them
        seeds: that any run of the point has or was to have
        group: the grouping trained on
    """

    point: GridPoint
    arms: tuple[MeasuredArm, ...]
    columns: tuple[Column, ...]
    seeds: tuple[int, ...]
    group: str = ""

    def arm(self, variant: str) -> MeasuredArm | None:
        """The arm of this variant."""
        return next((arm for arm in self.arms if arm.variant == variant), None)


def point_arms(study: GridSpec, records: Records, rule: str | None = None) -> list[PointArms]:
    """The comparison's runs on test data, point by point in the study's order.

    Args:
        rule: runs under this selection rule alone; None: each variant's leading one, which is the first that it has

    Raises:
        BadInput: where an arm has two runs of one seed.
    """
    by_point: dict[str, list[MeasuredArm]] = {}
    for arm in every_arm(records.runs):
        by_point.setdefault(arm.point.key, []).append(arm)
    values = [arms[0].point.values for arms in by_point.values()]
    points = [GridPoint(*named) for named in zip(point_names(values), values, strict=True)]
    found = [_at(study, point, arms, rule) for point, arms in zip(points, by_point.values(), strict=True)]
    return [here for here in found if here.arms]


def _at(study: GridSpec, point: GridPoint, every: Sequence[MeasuredArm], rule: str | None) -> PointArms:
    """What is shown of all arms at a point."""
    leading: dict[str, MeasuredArm] = {}
    for arm in every:
        if rule in (None, arm.rule):
            leading.setdefault(arm.variant, arm)
    records = [record for arm in every for record in arm.records]
    spec = next((record.view for record in records if record.spec), None)
    seeds = tuple(sorted({record.seed for record in records}))
    if spec is None:
        return PointArms(point, tuple(leading.values()), (), seeds)
    return PointArms(point, tuple(leading.values()), columns(study, spec), seeds, spec.group)


def gaps(here: PointArms) -> list[str]:
    """In sentences, what the arms do not rest on: runs that failed, met no rule or never were, and undefined values."""
    found: dict[str, list[str]] = {}
    for arm in here.arms:
        for what in _gaps(arm, here):
            found.setdefault(what, []).append(arm.variant)
    return [f"{what}: {', '.join(variants)}." for what, variants in found.items()]


def _gaps(arm: MeasuredArm, here: PointArms) -> Iterable[str]:
    known = {*arm.runs, *(record.seed for record in (*arm.unqualified, *arm.failed))}
    missing = [seed for seed in here.seeds if seed not in known]
    for what, seeds in (
        ("Failed", [record.seed for record in arm.failed]),
        (f"Nothing met {arm.rule}", [record.seed for record in arm.unqualified]),
        ("Not run", missing),
    ):
        if seeds:
            yield f"{what} with {seed_list(seeds)}"
    for column in here.columns:
        if undefined := sorted(set(arm.runs) - set(arm.by_seed(column.key))):
            yield f"{column.heading} is undefined with {seed_list(undefined)}"


def seed_list(seeds: Iterable[int]) -> str:
    """``seed 3``, ``seeds 0–4``, ``seeds 0, 2, 5``."""
    ordered = sorted(set(seeds))
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"seeds {ordered[0]}–{ordered[-1]}"
    return f"{'seed' if len(ordered) == 1 else 'seeds'} {', '.join(map(str, ordered))}"
