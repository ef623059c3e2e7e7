"""Points of a grid: products, lists, names, and what the user may not vary as well."""

from itertools import pairwise, product
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.spec.run_spec import RunSpec
from harness.study.grid import planned_tasks
from harness.study.plan import plan_grid
from harness.study.points import grid_points, short, written
from harness.study.study_spec import GridSpec
from harness.study.tuning import Tuned


def study(budget: dict[str, Any] | None = None, **options: Any) -> GridSpec:
    given = {"summary": "", "methods": ["random", "ease"], "budgets": {"default": {"seeds": [0, 1], **(budget or {})}}}
    return GridSpec.model_validate(given | options)


def specs(study: GridSpec, tree: dict[str, Any] | None = None) -> list[RunSpec]:
    """All runs of a study, in order."""
    return [task.spec for task in planned_tasks(plan_grid("s", study, tree or {}, "default"), Tuned())]


def test_without_axes_there_is_one_point_without_a_name() -> None:
    (point,) = grid_points("s", study(), "default", {})
    assert (point.name, point.values, point.tree) == ("", {}, {})


def test_axes_are_multiplied_and_points_combined_with_them() -> None:
    axes = {"data.core": [2, 3], "data.min_rating": [3.0, 4.0, 5.0]}
    found = grid_points("s", study(axes=axes), "default", {})
    assert [tuple(point.values.values()) for point in found] == list(product(*axes.values()))
    listed = [{"seed_": 1, "data.core": 5}, {"seed_": 2, "data.core": 6}]
    both = grid_points("s", study(points=listed, axes={"evaluation.headline_k": [10, 20]}), "default", {})
    assert len(both) == 4
    assert both[1].tree == {"seed_": 1, "data": {"core": 5}, "evaluation": {"headline_k": 20}}


def test_names_tell_what_differs() -> None:
    points = [{"data.core": 2, "config.dim": 8, "x.y": 1}, {"data.core": 3, "config.dim": 8, "x.y": 1}]
    assert [point.name for point in grid_points("s", study(points=points), "default", {})] == ["core 2", "core 3"]
    clash = [{"config.dim": 8, "dataset_options.dim": 4}, {"config.dim": 9, "dataset_options.dim": 5}]
    names = [point.name for point in grid_points("s", study(points=clash), "default", {})]
    assert names == ["config.dim 8 dataset_options.dim 4", "config.dim 9 dataset_options.dim 5"]


def test_a_budget_may_have_points_and_methods_of_its_own() -> None:
    whole = study({"points": [{"data.core": 7}], "methods": ["random"]}, axes={"data.min_rating": [3.0, 4.0]})
    found = specs(whole)
    assert {spec.method for spec in found} == {"random"}
    assert {(spec.data.core, spec.data.min_rating) for spec in found} == {(7, 3.0), (7, 4.0)}


def test_a_point_may_be_for_some_methods_alone() -> None:
    points = [{"data.core": 2}, {"data.core": 3, "methods": ["ease"]}]
    found = specs(study({"points": points}))
    assert {(spec.method, spec.data.core) for spec in found} == {("random", 2), ("ease", 2), ("ease", 3)}
    assert [spec.data.core for spec in specs(study({"points": points}), {"method": "random"})] == [2, 2]
    with pytest.raises(BadInput, match="unknown method at a point of study 's' 'eese': did you mean 'ease'"):
        grid_points("s", study(points=[{"methods": ["eese"]}]), "default", {})


def test_every_method_meets_every_point_and_seed_once_and_neighbours_share_their_data() -> None:
    keys = [(spec.seed, spec.data.core, spec.method) for spec in specs(study(axes={"data.core": [2, 3, 4]}))]
    assert len(set(keys)) == len(keys) == 2 * 3 * 2
    changes = sum(one[:2] != other[:2] for one, other in pairwise(keys))
    assert changes == 2 * 3 - 1


@pytest.mark.parametrize(
    ("options", "tree", "message"),
    [
        ({"axes": {"data.core": [2, 3]}}, {"data": {"core": 4}}, "varies data.core: leave it out of --set"),
        ({"axes": {"method": ["ease"]}}, {}, "varies method as an axis: write it as methods"),
        ({"points": [{"data.core": 2}, {"data.core": 2}]}, {}, "has the point .* twice"),
    ],
)
def test_what_cannot_be_varied_is_said(options: dict[str, Any], tree: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        grid_points("s", study(**options), "default", tree)


def test_a_key_that_does_not_exist_is_found_before_anything_runs() -> None:
    with pytest.raises(BadInput, match=r"unknown key 'data\.coer': did you mean 'core'"):
        specs(study(axes={"data.coer": [2, 3]}))


def test_values_are_written_for_people() -> None:
    values = {"config.lam": 0.123456, "encoder.name": "random"}
    assert written(values) == "lam 0.123456, encoder.name random"
    assert written(values, last=True, show=short) == "lam 0.123, name random"
    assert written({}) == ""
