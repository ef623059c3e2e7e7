"""What every variant changes against the study's baseline, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

from harness.report.grid.blocks import Block, Row
from harness.report.grid.columns import Column
from harness.stats.family import holm
from harness.stats.paired import PairedTest, paired_test

ALPHA = 0.05


@dataclass(frozen=True)
class Difference:
    """One variant against the baseline in one metric at one point.

    Attributes:
        block, variant, column: where
        seeds: those that both were measured with
        reference: mean of the baseline over these seeds; NaN without any
        test: variant minus baseline, paired by seed; None without a shared seed
        adjusted: the p-value after Holm's correction over the block; NaN where there is no test
    """

    block: Block
    variant: str
    column: Column
    seeds: tuple[int, ...]
    reference: float
    test: PairedTest | None
    adjusted: float = nan

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
    def relative(self) -> tuple[float, float, float]:
        """Mean, low and high end of the difference in % of the baseline's mean; NaN where that is 0.

        The ends are those of the difference's interval over the mean as if that were known exactly: they say how
        large the difference is against the baseline as measured, not how well the ratio of true means is known.
        """
        if self.test is None or not self.reference:
            return nan, nan, nan
        found, scale = self.test.difference, 100 / abs(self.reference)
        return found.mean * scale, found.low * scale, found.high * scale


def differences(block: Block, baseline: str) -> list[Difference]:
    """Every variant of the block against ``baseline`` in every column, Holm-corrected together.

    The family is all variants × columns of the block, whether they could be tested or not, as it is declared before
    any result is seen. Empty where the block has no such baseline.
    """
    reference = block.row(baseline)
    if reference is None:
        return []
    others = [row for row in block.rows if row.variant != baseline]
    found = [_difference(block, row, reference, column) for row in others for column in block.columns]
    adjusted = holm([nan if entry.test is None else entry.test.p for entry in found])
    return [replace(entry, adjusted=float(p)) for entry, p in zip(found, adjusted, strict=True)]


def _difference(block: Block, row: Row, reference: Row, column: Column) -> Difference:
    own, base = row.values(column.key), reference.values(column.key)
    seeds = tuple(seed for seed in own if seed in base)
    if not seeds:
        return Difference(block, row.variant, column, (), nan, None)
    before = [base[seed] for seed in seeds]
    test = paired_test(before, [own[seed] for seed in seeds])
    return Difference(block, row.variant, column, seeds, sum(before) / len(before), test)


def family(found: Sequence[Difference]) -> str:
    """In words, what was corrected for."""
    tested = sum(entry.test is not None and entry.test.difference.n > 1 for entry in found)
    variants = len({entry.variant for entry in found})
    return (
        f"paired t-tests over shared seeds, Holm-corrected over all {len(found)} comparisons of the table "
        f"({variants} variants × {len(found) // max(variants, 1)} metrics; {tested} could be tested)"
    )
