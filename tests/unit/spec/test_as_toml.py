"""A spec as a file that ``--spec`` takes."""

import tomllib
from typing import Any

import pytest

from harness.base.trees import merged, parse_assignments
from harness.spec.as_toml import as_toml
from harness.spec.build import build_spec


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"method": "ease", "config": {"l2": 1e-6}, "data": {"text": 'a "{title}" \\ of\n☃\x7f'}},
        {"method": "bifair", "config": {"xi": None, "eta": 0.002}, "evaluation": {"ks": [5, 20], "users": 7}},
        {"dataset": "long-tail", "groupings": {"genre": {"min_items": 30}}, "rerank": "cpfair"},
        {"training": {"selection": "fair_within:0.05"}, "evaluation": {"reference_options": {"dim": 8}}},
    ],
)
def test_it_is_read_as_the_same_run(tree: dict[str, Any]) -> None:
    spec = build_spec(tree)
    assert build_spec(tomllib.loads(as_toml(spec))).digest == spec.digest


def test_what_is_unset_is_said() -> None:
    spec = build_spec({"data": {"min_rating": None}})
    said = [line.removeprefix("# --set ") for line in as_toml(spec).splitlines() if line.startswith("#")]
    assert "data.min_rating=null" in said
    tree = merged(tomllib.loads(as_toml(spec)), parse_assignments(said))
    assert build_spec(tree).digest == spec.digest
