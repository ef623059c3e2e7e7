"""What every variant changes against the study's baseline, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

from harness.report.grid.arms import MeasuredArm
from harness.report.grid.columns import Column
from harness.report.grid.point_arms import PointArms
from harness.stats.family import benjamini_hochberg, holm
from harness.stats.paired import PairedTest, paired_test

ALPHA = 0.05


@dataclass(frozen=True)
class Difference:
    """One variant against the baseline in one metric at one point.

    Attributes:
        here, variant, column: where
        seeds: those that both were measured with
        reference: mean of the baseline over these seeds; NaN without any
        test: variant minus baseline, paired by seed; None without a shared seed
        adjusted: the p-value after Holm's correction over the point's; NaN where there is no test
        discovered: the p-value after Benjamini and Hochberg's, which bounds the share of false discoveries
    """

    here: PointArms
    variant: str
    column: Column
    seeds: tuple[int, ...]
    reference: float
    test: PairedTest | None
    adjusted: float = nan
    discovered: float = nan

    @property
    def significant(self) -> bool:
        """Whether the corrected p-value is at most 0.05; False where there is none."""
        return self.adjusted <= ALPHA

    @property
    def improvement(self) -> bool:
        """Whether it is significant and in the direction that is better."""
        if self.test is None or not self.significant:
            return False
        sign = {"higher": 1, "lower": -1, "neither": 0}[self.column.better]
        return sign * self.test.difference.mean > 0

    @property
    def relative(self) -> float:
        """The mean difference in % of the baseline's mean; NaN where that is 0 or there is no pair."""
        if self.test is None or not self.reference:
            return nan
        return 100 * self.test.difference.mean / abs(self.reference)


def reference_arm(found: Sequence[PointArms], here: PointArms, baseline: str) -> MeasuredArm | None:
    """The baseline that a point's arms are compared with: its own.

    Where the point has none (a baseline without the knob that the study varies goes to one point alone), it is the only
    other one that was measured on the same task. None where there is none, or several.
    """
    if own := here.arm(baseline):
        return own
    others = [arm for other in found if other.point.problem == here.point.problem and (arm := other.arm(baseline))]
    return others[0] if len(others) == 1 else None


def differences(here: PointArms, reference: MeasuredArm | None) -> list[Difference]:
    """Every other variant of the point against ``reference`` in every column, Holm-corrected together.

    The family is all variants × columns of the point, whether they could be tested or not, as it is declared before
    any result is seen. Empty without a reference.
    """
    if reference is None:
        return []
    others = [arm for arm in here.arms if arm.variant != reference.variant]
    found = [_difference(here, arm, reference, column) for arm in others for column in here.columns]
    plain = [nan if entry.test is None else entry.test.p for entry in found]
    corrected = zip(found, holm(plain), benjamini_hochberg(plain), strict=True)
    return [replace(entry, adjusted=float(p), discovered=float(q)) for entry, p, q in corrected]


def _difference(here: PointArms, arm: MeasuredArm, reference: MeasuredArm, column: Column) -> Difference:
    own, base = arm.by_seed(column.key), reference.by_seed(column.key)
    seeds = tuple(seed for seed in own if seed in base)
    if not seeds:
        return Difference(here, arm.variant, column, (), nan, None)
    before = [base[seed] for seed in seeds]
    test = paired_test(before, [own[seed] for seed in seeds])
    return Difference(here, arm.variant, column, seeds, sum(before) / len(before), test)


def family(found: Sequence[Difference]) -> str:
    """In words, what was corrected for."""
    tested = sum(entry.test is not None and entry.test.difference.n > 1 for entry in found)
    variants = len({entry.variant for entry in found})
    return (
        f"paired t-tests over shared seeds, Holm-corrected over all {len(found)} comparisons of the table "
        f"({variants} variants × {len(found) // max(variants, 1)} metrics; {tested} could be tested)"
    )
