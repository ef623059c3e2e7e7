"""The command of a spec asks for that very spec, whatever is in it."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from harness.base.trees import merged, parse_assignments
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.spec.command_line import assigned, command_of
from harness.spec.run_spec import RunSpec
from harness.study.plan import plan_grid
from harness.study.study_spec import GridSpec, load_study


def read(command: str) -> RunSpec:
    """The spec that a shell and the command line would make of it."""
    program, name, *words = shlex.split(command)
    assert (program, name) == ("harness", "run")
    given = list(zip(words[::2], words[1::2], strict=True))
    tree: dict[str, Any] = {option.removeprefix("--"): value for option, value in given if option != "--set"}
    tree["seed"] = int(tree["seed"])
    return build_spec(merged(tree, parse_assignments(value for option, value in given if option == "--set")))


def test_only_what_is_not_at_its_default_is_said() -> None:
    spec = build_spec({"method": "bifair", "config": {"eta": 0.002}, "seed": 3, "compute": {"threads": 1}})
    assert command_of(spec, ["--offline"]) == (
        "harness run --method bifair --dataset movielens-100k --group genre --seed 3 "
        "--set config.eta=0.002 --set compute.threads=1 --offline"
    )


@pytest.mark.parametrize("method", sorted(registry.names("method")))
def test_every_method_as_it_stands(method: str) -> None:
    spec = build_spec({"method": method})
    assert read(command_of(spec)) == spec


@pytest.mark.parametrize(
    "tree",
    [
        {"encoder": {"name": "true"}},
        {"encoder": {"name": "a b; $(rm) 'x' \"y\""}},
        {"groupings": {"genre": {"min_items": 30}}, "evaluation": {"ks": [5, 10], "headline_k": 10, "users": 50}},
        {"groups": ["popularity"], "group": "popularity"},
        {"rerank": "calibrated", "data": {"split_seed": 7, "core": 3}},
        {"dataset": "long-tail", "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3}, "method": "mf"},
        {"training": {"selection": "fair_within:0.02"}, "evaluation": {"reference_options": {"layers": 1}}},
    ],
)
def test_whatever_is_asked(tree: dict[str, Any]) -> None:
    if "rerank" in tree:
        tree = {**tree, "rerank": sorted(registry.names("reranker"))[0]}
    spec = build_spec(tree)
    assert read(command_of(spec)).model_dump() == spec.model_dump()


def test_a_card_of_ones_own(own_card: Path) -> None:
    spec = build_spec({"method": "mf", "dataset": str(own_card)})
    assert read(command_of(spec)) == spec


@pytest.mark.parametrize("name", sorted(registry.names("study")))
def test_every_run_of_the_studies(name: str) -> None:
    study = load_study(name)
    if isinstance(study, GridSpec):
        for arm in plan_grid(name, study, {}, "smoke").arms:
            spec = arm.spec(0)
            assert read(command_of(spec)).digest == spec.digest


@pytest.mark.parametrize("value", ["5", "true", "null", ".5", "", "plain", "[1", '"quoted"', 5, None, [1, "a"], False])
def test_values_are_read_as_what_they_are(value: Any) -> None:
    assert parse_assignments([assigned("a.b", value)]) == {"a": {"b": value}}
