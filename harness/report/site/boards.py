"""What is compared with what: a board for each data set, grouping trained on and selection rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from harness.report.grid.arms import MeasuredArm, arm_names, counterpart, every_arm
from harness.report.grid.claims import under_rule
from harness.study.points import written
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec

OWN_RULE = "each its own rule"
"""What the board is called of a study that leaves the rule to its methods."""


@dataclass(frozen=True, eq=False)
class Part:
    """One study on the site.

    Attributes:
        name: of its folder of records, which no other one has
        study: as declared
        records: all that was measured
        note: what has to be known of the whole of it, such as another budget; empty where there is nothing
    """

    name: str
    study: GridSpec
    records: Records
    note: str = ""

    @cached_property
    def arms(self) -> list[MeasuredArm]:
        """Every arm that was compared, also those of which no run counts."""
        return every_arm(self.records.runs)

    @cached_property
    def rules(self) -> tuple[str, ...]:
        """The rules that the study compares under; one that is empty stands for each method's own."""
        budget = next((one for name, one in self.study.budgets.items() if name == self.records.budget), None)
        declared = (budget.selections if budget else None) or self.study.selections
        ran = tuple(dict.fromkeys(arm.rule for arm in self.arms))
        if not declared:
            return ran if len(ran) == 1 else ("",)
        leading = tuple(rule for rule in declared if rule in ran)
        shown = {arm for rule in leading for arm in under(rule, self.arms)}
        return (*leading, *dict.fromkeys(arm.rule for arm in self.arms if arm not in shown))

    def task(self, arm: MeasuredArm) -> tuple[str, str]:
        """Data set and grouping trained on; of an arm whose runs never began, those of others at its point."""
        beside = [record for other in self.arms if other.point.key == arm.point.key for record in other.records]
        records: Iterable[Record] = (*arm.records, *beside, *self.records.runs)
        view = next((record.view for record in records if record.spec), None)
        return ("unknown", "unknown") if view is None else (view.dataset, view.group)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Variants of one study on one board, which were given the same: data, splits, tuning, epochs.

    Attributes:
        part: the study
        place: what else tells the task from others of the study, in words; empty where nothing does
        arms: one of each variant and point, in the study's order
        seeds: that any of the study's runs there has or was to have
    """

    part: Part
    place: str
    arms: tuple[MeasuredArm, ...]
    seeds: tuple[int, ...]

    @cached_property
    def names(self) -> dict[MeasuredArm, str]:
        """What tells the arms apart."""
        return dict(zip(self.arms, arm_names(self.arms), strict=True))

    def baseline(self, arm: MeasuredArm) -> MeasuredArm | None:
        """The arm that ``arm`` is compared with; None where the study has no baseline, or it was not measured."""
        found = counterpart(self.arms, self.part.study.baseline, arm)
        return found if found is not None and found.runs else None

    @property
    def title(self) -> str:
        """For headings."""
        return f"Study {self.part.records.study}" + (f", {self.place}" if self.place else "")


@dataclass(frozen=True, eq=False)
class Board:
    """All comparisons on one data set under one grouping and rule."""

    dataset: str
    group: str
    rule: str
    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def task(self) -> tuple[str, str]:
        """Data set and grouping trained on."""
        return self.dataset, self.group

    @property
    def rule_name(self) -> str:
        """The rule, for people."""
        return self.rule or OWN_RULE

    @property
    def title(self) -> str:
        """For headings."""
        return f"{self.dataset}, {self.group} groups, {self.rule_name}"

    def title_of(self, comparison: Comparison) -> str:
        """What one of its comparisons is called: with the folder's name where another one has the same title."""
        alike = sum(other.title == comparison.title for other in self.comparisons)
        return comparison.title + (f" ({comparison.part.name})" if alike > 1 else "")


def boards_of(parts: Sequence[Part]) -> list[Board]:
    """The boards of all studies, task by task in the order of the parts; a study has one comparison at least on each.

    Studies are never mixed in one comparison: they differ in trials, limits of epochs and the like.
    """
    found: dict[tuple[str, str], dict[str, Board]] = {}
    for part in parts:
        for task, rule, comparison in _comparisons(part):
            board = found.setdefault(task, {}).setdefault(rule, Board(*task, rule))
            board.comparisons.append(comparison)
    return [board for rules in found.values() for board in rules.values()]


def _comparisons(part: Part) -> Iterator[tuple[tuple[str, str], str, Comparison]]:
    """Task by task and rule by rule."""
    tasks: dict[tuple[tuple[str, str], str], list[MeasuredArm]] = {}
    for arm in part.arms:
        task = part.task(arm)
        other = {key: value for key, value in arm.point.problem.items() if key not in ("dataset", "group")}
        tasks.setdefault((task, written(other)), []).append(arm)
    for (task, place), arms in tasks.items():
        seeds = tuple(sorted({record.seed for arm in arms for record in arm.records}))
        for rule in part.rules:
            if own := tuple(under(rule, arms)):
                yield task, rule, Comparison(part, place, own, seeds)


def under(rule: str, arms: Sequence[MeasuredArm]) -> Iterator[MeasuredArm]:
    """The arms of a board: of each variant those under ``rule``, or under the one rule that it has of its own."""
    for variant in dict.fromkeys(arm.variant for arm in arms):
        own = [arm for arm in arms if arm.variant == variant]
        yield from (own if not rule else under_rule(rule, own))
