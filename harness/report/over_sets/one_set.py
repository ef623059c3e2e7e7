"""A comparison on one data set, as one of several."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from harness.report.grid.arms import MeasuredArm, arms_of
from harness.report.grid.claims import Judged, judged_claims, stands_in, under_rule
from harness.study.records import Records
from harness.study.study_spec import GridSpec


@dataclass(frozen=True, eq=False)
class OneSet:
    """What was found on a data set with one grouping.

    Attributes:
        study: as declared
        records: of it, on this data set
        pooled: whether it counts for what is said over sets: a second grouping of the same data would count them twice
    """

    study: GridSpec
    records: Records
    pooled: bool = True

    @property
    def dataset(self) -> str:
        """Its name."""
        return self.records.runs[0].view.dataset

    @property
    def name(self) -> str:
        """For people: data set and grouping."""
        return f"{self.dataset}, {self.records.runs[0].view.group}"

    @cached_property
    def claims(self) -> list[Judged]:
        """The study's claims, each with its verdict here."""
        return judged_claims(self.study, self.records)

    @cached_property
    def arms(self) -> dict[str, MeasuredArm]:
        """By variant, under the rule that most claims are made for; one run under another alone is under that."""
        found: dict[str, list[MeasuredArm]] = {}
        for arm in arms_of(self.records.runs, lenient=True):
            found.setdefault(arm.variant, []).append(arm)
        under = {variant: under_rule(claimed_rule(self.study), own) for variant, own in found.items()}
        return {variant: own[0] for variant, own in under.items() if own}

    @property
    def stand_ins(self) -> list[str]:
        """In words, of which arms no trial met that rule, and which runs of them count."""
        found = (stands_in(self.study, claimed_rule(self.study), arm) for arm in self.arms.values())
        return [text for text in found if text]


def claimed_rule(study: GridSpec) -> str:
    """The selection rule of most claims, else the study's first; empty where it has none."""
    rules = [claim.selection for claim in study.claims if claim.selection]
    return max(rules, key=rules.count) if rules else next(iter(study.selections), "")


def several_sets(parts: Iterable[tuple[GridSpec, Records]]) -> list[list[OneSet]]:
    """Comparisons that were made on more than one data set, each as its sets; of each data set one grouping is pooled.

    Comparisons at several points, and those without runs, are none of one data set.
    """
    found: dict[str, list[OneSet]] = {}
    for study, records in parts:
        if len({record.arm.point.key for record in records.runs}) == 1:
            own = found.setdefault(records.study, [])
            seen = {one.dataset for one in own}
            own.append(OneSet(study, records, pooled=records.runs[0].view.dataset not in seen))
    return [own for own in found.values() if sum(one.pooled for one in own) > 1]
