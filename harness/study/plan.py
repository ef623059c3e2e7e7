"""What a comparison consists of: which method goes where with which seeds, as specs that can be run."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.base.errors import BadInput, unknown
from harness.base.trees import merged, nested
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.spec.selection import parse
from harness.study.arm import Arm
from harness.study.axis_ends import check_ends
from harness.study.declared_metrics import OF_TUNING, check_objectives, check_shown
from harness.study.points import GridPoint, grid_points
from harness.study.study_spec import Axis, BudgetName, GridBudget, GridSpec, Variant, axes_of, budget_of


@dataclass(frozen=True, eq=False)
class PlannedArm(Arm):
    """An arm that can be tuned and run.

    Attributes:
        tree: overrides of the spec, without seed and selection rule
        space: what tuning searches: the method's own search space, or the part of it that matters to the variant, and
            what the variant adds
        plain: whether it is the method as it stands, without a variant's options
    """

    tree: Mapping[str, Any] = field(default_factory=dict)
    space: Mapping[str, Axis] = field(default_factory=dict)
    plain: bool = True

    def spec(self, seed: int, params: Mapping[str, Any] | None = None, rule: str = "") -> RunSpec:
        """The run of one seed; ``params`` are what tuning chose, ``rule`` is another one than its own."""
        own = {"seed": seed, "training": {"selection": rule or self.rule}}
        return build_spec(merged(merged(self.tree, nested(params or {})), own))


@dataclass(frozen=True)
class GridPlan:
    """All of a comparison.

    Attributes:
        name: of the study
        study: its declaration
        budget: which budget
        chosen: that budget
        arms: points outermost, methods that read text first, rules innermost
        seeds: of every arm
        tree: the user's overrides, by which the study is known
    """

    name: str
    study: GridSpec
    budget: BudgetName
    chosen: GridBudget
    arms: tuple[PlannedArm, ...]
    seeds: tuple[int, ...]
    tree: Mapping[str, Any] = field(default_factory=dict)

    @property
    def params(self) -> Mapping[str, Any]:
        """What is worth being found in the tracking store."""
        return {"budget": self.budget, "methods": [arm.variant for arm in self.searches]}

    @property
    def first(self) -> RunSpec:
        """Some run of the study, to speak of what all have in common."""
        return self.arms[0].spec(self.seeds[0])

    @property
    def searches(self) -> tuple[PlannedArm, ...]:
        """An arm for each search: the first of those that share their trials."""
        first: dict[tuple[str, str], PlannedArm] = {}
        for arm in self.arms:
            first.setdefault(arm.search, arm)
        return tuple(first.values())

    @property
    def tuning_stages(self) -> tuple[tuple[PlannedArm, ...], ...]:
        """The searches in parts each of which begins when the one before has ended: what others start from is first."""
        if not self.study.tuning.from_reference:
            return (self.searches,)
        ahead = {reference.search for arm in self.searches if (reference := self.reference_of(arm))}
        parts = ([arm for arm in self.searches if (arm.search in ahead) is first] for first in (True, False))
        return tuple(tuple(part) for part in parts if part)

    @property
    def size(self) -> int:
        """How many runs it has, trials included."""
        trials = sum(map(self.trials_of, self.searches)) * len(self.tuning_seeds)
        return trials + len(self.arms) * len(self.seeds)

    def name_of(self, arm: PlannedArm, seed: int) -> str:
        """For people: what distinguishes a run from the others of its study."""
        rule = arm.rule if self._rules[arm.search] > 1 else ""
        return ", ".join(part for part in (arm.variant, arm.point.name, rule, f"seed {seed}") if part)

    @cached_property
    def _rules(self) -> Counter[tuple[str, str]]:
        """How many rules the arms of each search have."""
        return Counter(arm.search for arm in self.arms)

    def trials_of(self, arm: PlannedArm) -> int:
        """How many trials an arm is tuned with on each split; one where it has nothing to tune."""
        return self.chosen.trials if arm.space else min(1, self.chosen.trials)

    def tuning_seed(self, seed: int) -> int:
        """The seed whose validation data choose what runs of ``seed`` are made with."""
        return seed if self.study.tuning.each_seed else self.study.tuning.seed

    @property
    def tuning_seeds(self) -> tuple[int, ...]:
        """The seeds of all splits that are tuned on; none where nothing is tuned."""
        return tuple(dict.fromkeys(map(self.tuning_seed, self.seeds))) if self.chosen.trials else ()

    def reference_of(self, arm: PlannedArm) -> PlannedArm | None:
        """The arm, at the same point, whose accuracy ``fair_within`` asks for; None where it takes no part."""
        name = arm.spec(self.seeds[0]).evaluation.reference
        here = (other for other in self.arms if other.point == arm.point)
        return next((other for other in here if other.method == name and other.plain), None)


def plan_grid(
    name: str,
    study: GridSpec,
    tree: Mapping[str, Any],
    budget: BudgetName,
    *,
    seeds: int | None = None,
    trials: int | None = None,
) -> GridPlan:
    """Everything that a study asks for; every spec is valid.

    Args:
        name, study: the study
        tree: the user's overrides; ``method`` restricts the study to one of its methods, ``seed`` to one seed
        seeds: how many, from 0 on, instead of the budget's
        trials: of each method's tuning, instead of the budget's

    Raises:
        BadInput: for anything wrong with any of them.
    """
    chosen = budget_of(name, study.budgets, budget)
    if trials is not None:
        chosen = chosen.model_copy(update={"trials": trials})
    labels = _labels(name, study, chosen, tree)
    numbers = _seeds(name, chosen, tree, seeds)
    if study.selections and tree.get("training", {}).get("selection"):
        raise BadInput(f"study '{name}' has selection rules of its own: leave training.selection out of --set")
    own = merged(nested(study.base), nested(chosen.set))
    points = grid_points(name, study, budget, tree)
    given = {key: value for key, value in tree.items() if key not in ("method", "seed")}
    arms = tuple(
        arm
        for point in points
        for label in _text_first(study, labels)
        if not point.methods or label in point.methods
        for arm in _arms(study, chosen, label, point, merged(own, given))
    )
    if not arms:
        raise BadInput(f"study '{name}', budget {budget}: no point is for {', '.join(labels)}")
    specs = [arm.spec(numbers[0]) for arm in arms]
    check_shown(name, study, specs)
    if chosen.trials:
        for arm, spec in zip(arms, specs, strict=True):
            check_objectives(name, OF_TUNING, spec)
            check_ends(name, spec, arm.space)
    return GridPlan(name, study, budget, chosen, arms, numbers, tree)


def _labels(name: str, study: GridSpec, chosen: GridBudget, tree: Mapping[str, Any]) -> Sequence[str]:
    """The methods and variants that take part: one, or all of a method, where the user asks for it."""
    labels: Sequence[str] = chosen.methods or study.methods
    wanted = tree.get("method")
    if not wanted:
        return labels
    if wanted in labels:
        return [wanted]
    method = registry.get("method", wanted).name
    own = [label for label in labels if variant_of(study, label).method == method]
    if not own:
        raise unknown(f"method in study '{name}'", method, labels)
    return own


def _seeds(name: str, chosen: GridBudget, tree: Mapping[str, Any], seeds: int | None) -> tuple[int, ...]:
    if "seed" in tree and seeds is not None:
        raise BadInput(f"study '{name}': give one seed (--seed) or how many (--seeds), not both")
    if "seed" in tree:
        return (tree["seed"],)
    return chosen.seeds if seeds is None else tuple(range(seeds))


def _text_first(study: GridSpec, labels: Sequence[str]) -> Iterator[str]:
    """Methods that read text share one experiment, the others another."""
    return iter(
        sorted(labels, key=lambda label: not registry.get("method", variant_of(study, label).method).needs_text)
    )


def variant_of(study: GridSpec, label: str) -> Variant:
    """The study's variant of this name, or the registered method as it stands."""
    return study.variants.get(label) or Variant(method=registry.get("method", label).name)


def _arms(
    study: GridSpec, chosen: GridBudget, label: str, point: GridPoint, shared: Mapping[str, Any]
) -> Iterator[PlannedArm]:
    """One variant at one point, under each of its rules."""
    variant = variant_of(study, label)
    tree = merged(merged(shared, point.tree), merged(nested(variant.set), {"method": variant.method}))
    base, space = build_spec(tree), _space(variant)
    rules = variant.selections or chosen.selections or study.selections or (base.training.selection,)
    name = base.label if label == variant.method and not variant.set else label  # a method's as runs show it
    for rule in rules:
        yield PlannedArm(name, variant.method, str(parse(rule)), point, tree, space, not variant.set)


def _space(variant: Variant) -> dict[str, Axis]:
    whole = axes_of(variant.method)
    if variant.search is None:
        return whole | variant.space
    own = {key.removeprefix("config."): key for key in whole}
    for key in variant.search:
        if key not in own:
            raise unknown(f"key of the search space of '{variant.method}'", key, own)
    return {key: axis for key, axis in whole.items() if key.removeprefix("config.") in variant.search} | variant.space
