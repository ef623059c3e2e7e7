"""The points of a grid: which values of the spec each has, and what it is called."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from harness.base.errors import BadInput, as_given, unknown
from harness.base.trees import flatten, nested
from harness.study.study_spec import BudgetName, GridSpec, budget_of

METHODS = "methods"
"""The key of a declared point that names the methods that go there."""
PROBLEM = ("dataset", "dataset_options", "data", "group", "groups", "groupings", "evaluation")
"""First parts of the keys that change what is measured, and not only who is."""


@dataclass(frozen=True)
class GridPoint:
    """One combination of values.

    Attributes:
        name: the values that differ between points, such as ``n_items 1000 n_groups 5``; empty where there is one point
        values: all of them, by dotted key
        methods: those that go there; empty: all of the study's
    """

    name: str = ""
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    methods: tuple[str, ...] = ()

    @cached_property
    def key(self) -> str:
        """The values as text, the same before and after they were written and read."""
        return json.dumps(self.values, sort_keys=True)

    @property
    def problem(self) -> dict[str, Any]:
        """Of the values, those that change the task; results are compared only where they agree."""
        return {key: value for key, value in self.values.items() if key.partition(".")[0] in PROBLEM}

    @property
    def knobs(self) -> dict[str, Any]:
        """Of the values, those that change the method."""
        return {key: value for key, value in self.values.items() if key.partition(".")[0] not in PROBLEM}

    @property
    def tree(self) -> dict[str, Any]:
        """The values as overrides of a spec."""
        return nested(self.values)


def grid_points(name: str, study: GridSpec, budget: BudgetName, tree: Mapping[str, Any]) -> list[GridPoint]:
    """The points of a study, in the order in which it declares them; one without values where it declares none.

    Args:
        tree: the user's overrides, which must leave alone what the study varies

    Raises:
        BadInput: where they do not, or where two points are the same.
    """
    chosen = budget_of(name, study.budgets, budget)
    axes = study.axes if chosen.axes is None else chosen.axes
    points = study.points if chosen.points is None else chosen.points
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    values = [{**point, **combination} for point in points or ({},) for combination in combinations]
    restricted = [_names(name, point.pop(METHODS, ())) for point in values]
    _check(name, values, tree)
    for method in {method for some in restricted for method in some}:
        if method not in study.methods:
            raise unknown(f"method at a point of study '{name}'", method, study.methods)
    return [GridPoint(*named) for named in zip(point_names(values), values, restricted, strict=True)]


def _names(study: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise BadInput(f"study '{study}': {METHODS} of a point: a list of names is needed, not {as_given(given)}")
    return tuple(given)


def written(values: Mapping[str, Any], *, last: bool = False, show: Callable[[Any], str] = str) -> str:
    """Values of a spec for people: ``lam 0.5, encoder.name random``; options of a method go without their prefix.

    Args:
        values: by dotted key
        last: name the last part of each key alone
        show: how a value is written
    """
    names = {key: key.rpartition(".")[2] if last else key.removeprefix("config.") for key in values}
    return ", ".join(f"{names[key]} {show(value)}" for key, value in values.items())


def short(value: Any) -> str:
    """Three places of numbers."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def point_names(values: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each of several points is called: its values of the keys in which they differ."""
    differing = [key for key in _keys(values) if len({repr(point.get(key)) for point in values}) > 1]
    names = _short(differing)
    return [" ".join(f"{names[key]} {point[key]}" for key in differing if key in point) for point in values]


def _check(name: str, values: list[dict[str, Any]], tree: Mapping[str, Any]) -> None:
    keys = _keys(values)
    if reserved := sorted({"method", "seed"} & set(keys)):
        raise BadInput(f"study '{name}' varies {reserved[0]} as an axis: write it as {reserved[0]}s")
    given = set(flatten(dict(tree))) & set(keys)
    if given:
        raise BadInput(f"study '{name}' varies {', '.join(sorted(given))}: leave it out of --set and the spec file")
    if twins := [point for point in values if values.count(point) > 1]:
        raise BadInput(f"study '{name}' has the point {twins[0]} twice")


def _keys(values: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for point in values for key in point))


def _short(keys: list[str]) -> dict[str, str]:
    """The last part of each dotted key, where no other key ends in the same."""
    last = Counter(key.rpartition(".")[2] for key in keys)
    return {key: end if last[end := key.rpartition(".")[2]] == 1 else key for key in keys}
