"""The plan of a study of either kind."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from harness.base.errors import BadInput
from harness.study.plan import GridPlan, plan_grid
from harness.study.search_plan import SearchPlan, plan_search
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec
from harness.track import Tracker

Plan: TypeAlias = GridPlan | SearchPlan


def plan_study(
    name: str,
    study: GridSpec | SearchSpec,
    tree: Mapping[str, Any],
    tracker: Tracker,
    *,
    budget: BudgetName,
    seeds: int | None,
    trials: int | None,
) -> Plan:
    """What ``study`` consists of, whose runs ``tracker`` is to record; other arguments as for a study's own planner.

    Raises:
        BadInput: for anything wrong with what is asked, and for a tracker that keeps nothing.
    """
    if not tracker.keeps:
        raise BadInput(f"study '{name}': a report is made of what runs have recorded; choose a store that keeps it")
    return planned(name, study, tree, budget, seeds=seeds, trials=trials)


def planned(
    name: str,
    study: GridSpec | SearchSpec,
    tree: Mapping[str, Any],
    budget: BudgetName,
    *,
    seeds: int | None,
    trials: int | None,
) -> Plan:
    """The same, whoever is to record it."""
    plan: Callable[..., Plan] = plan_grid if isinstance(study, GridSpec) else plan_search
    return plan(name, study, tree, budget, seeds=seeds, trials=trials)
