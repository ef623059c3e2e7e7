"""What every variant changes against the study's baseline, seed by seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan

from harness.report.grid.arms import PROBLEM
from harness.report.grid.columns import Column
from harness.report.grid.row_blocks import Block, Row
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
    def relative(self) -> float:
        """The mean difference in % of the baseline's mean; NaN where that is 0 or there is no pair."""
        if self.test is None or not self.reference:
            return nan
        return 100 * self.test.difference.mean / abs(self.reference)


def reference_row(found: Sequence[Block], block: Block, baseline: str) -> Row | None:
    """The baseline that a block is compared with: its own.

    Where the block has none (a baseline without the knob that the study varies goes to one point alone), it is the only
    other one that was measured on the same task. None where there is none, or several.
    """
    if own := block.row(baseline):
        return own
    others = [row for other in found if _task(other) == _task(block) and (row := other.row(baseline))]
    return others[0] if len(others) == 1 else None


def _task(block: Block) -> dict[str, str]:
    """Of a point, what changes the task and not only the method."""
    return {key: str(value) for key, value in block.point.items() if key.partition(".")[0] in PROBLEM}


def differences(block: Block, reference: Row | None) -> list[Difference]:
    """Every other variant of the block against ``reference`` in every column, Holm-corrected together.

    The family is all variants × columns of the block, whether they could be tested or not, as it is declared before
    any result is seen. Empty without a reference.
    """
    if reference is None:
        return []
    others = [row for row in block.rows if row.variant != reference.variant]
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
