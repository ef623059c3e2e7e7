"""What a search consists of: the run that is varied, the ranges, the curves, how many trials."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.base.errors import BadInput, unknown
from harness.base.trees import flatten, merged, nested
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.axis_ends import check_ends
from harness.study.declared_metrics import check_objectives
from harness.study.study_spec import Axis, BudgetName, SearchSpec, axes_of, budget_of


@dataclass(frozen=True)
class SearchPlan:
    """What is searched, with all that the budget and the user say.

    Attributes:
        name: of the study
        study: with the space and the curves that are meant, whichever place says so
        base: the run whose keys are varied
        seeds: of the curves
        trials: how many
        budget: which one
        tree: the user's overrides, and which method is searched, by which the study is known
    """

    name: str
    study: SearchSpec
    base: RunSpec
    seeds: tuple[int, ...]
    trials: int
    budget: BudgetName = "default"
    tree: Mapping[str, Any] = field(default_factory=dict)

    @property
    def first(self) -> RunSpec:
        """The base."""
        return self.base

    @property
    def size(self) -> int:
        """How many runs it has."""
        return self.trials + len(self.seeds) * sum(map(len, self.study.curves.values()))

    @property
    def params(self) -> Mapping[str, Any]:
        """What is worth being found in the tracking store."""
        return self.base.flat() | {f"space/{key}": axis.model_dump(mode="json") for key, axis in self.space.items()}

    @property
    def space(self) -> Mapping[str, Axis]:
        """Ranges by key."""
        return self.study.space


def plan_search(
    name: str,
    study: SearchSpec,
    tree: Mapping[str, Any],
    budget: BudgetName,
    seeds: int | None = None,
    trials: int | None = None,
) -> SearchPlan:
    """Everything that a study asks for; every run of it is valid.

    Args:
        name, study, budget: the study
        tree: the user's overrides of the run's spec
        seeds: of the curves, instead of the budget's
        trials: how many in all, instead of the budget's

    Raises:
        BadInput: for a method or key that the study cannot vary.
    """
    chosen = budget_of(name, study.budgets, budget)
    method = registry.get("method", tree.get("method") or study.methods[0]).name
    if method not in study.methods:
        raise BadInput(f"study '{name}' varies options of {', '.join(study.methods)}, which '{method}' does not have")
    space = study.space or axes_of(method)
    if not space:
        raise BadInput(f"study '{name}' searches a method's own space, and '{method}' has none")
    curves = study.curves if chosen.curves is None else chosen.curves
    own = merged(nested(study.base), nested(chosen.set))
    base = build_spec(merged(merged(own, tree), {"method": method}))
    varied = {**space, **curves}
    if given := sorted(set(varied) & set(flatten(dict(tree)))):
        raise BadInput(f"study '{name}' searches {', '.join(given)}: leave it out of --set and the spec file")
    options = base.options()
    for key in varied:
        if key not in options:
            raise unknown(f"key in study '{name}'", key, options)
    check_ends(name, base, space)
    check_objectives(name, study.objectives, base)
    for key, values in curves.items():
        for value in values:
            build_spec(merged(base.model_dump(mode="json"), nested({key: value})))
    numbers = (base.seed,) if "seed" in tree else chosen.seeds if seeds is None else tuple(range(seeds))
    declared = study.model_copy(update={"space": space, "curves": curves})
    return SearchPlan(name, declared, base, numbers, trials or chosen.trials, budget, {**tree, "method": method})
