"""One spec: whatever way it is written it is the same object, and whatever is wrong with it is one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.base.trees import merged, parse_assignments
from harness.spec.build import build_spec, read_spec_file
from harness.spec.run_spec import RunSpec


def from_assignments(*assignments: str) -> RunSpec:
    return build_spec(parse_assignments(assignments))


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("method=bifare", "unknown method 'bifare': did you mean 'bifair'?"),
        ("dataset=movielens100", "unknown dataset 'movielens100': did you mean 'movielens-100k'?"),
        ("method=3", "method: a name is needed, not 3"),
        ("method=[1]", "method: a name is needed, not [1]"),
        ("dataset=3", "dataset: a name is needed, not 3"),
        ("rerank.name=3", "reranker: a name is needed, not 3"),
        ("group=genres", "unknown grouping 'genres': did you mean 'genre'?"),
        ("config.etta=1", "unknown key 'config.etta': did you mean 'eta'?"),
        ("data.coer=5", "unknown key 'data.coer': did you mean 'core'?"),
        ("trainig.max_epochs=5", "unknown key 'trainig': did you mean 'training'?"),
        ("config.balancer=entropie", "did you mean 'entropy'?"),
        ("groupings.genre.min_item=3", "unknown key 'groupings.genre.min_item': did you mean 'min_items'?"),
        ("config.eta=-0.1", "config.eta: input should be greater than or equal to 0"),
        ("config.xi=-1", "config.xi: input should be greater than or equal to 0"),
        ("config.epsilon=0", "config.epsilon: input should be greater than 0"),
        ("config.epsilon=-1e-3", "config.epsilon: input should be greater than 0"),
        ("config.eta=Infinity", "config.eta: input should be a finite number"),
        ("config.lam=nan", "config.lam: "),
        ("evaluation.reference=alpharek", "unknown method 'alpharek': did you mean 'alpharec'?"),
        ("compute.threads=100000", "compute.threads: input should be less than or equal to 1024"),
        ("config.T=0", "config.T: input should be greater than or equal to 1"),
        ("config.eta=fast", "config.eta: input should be a valid number"),
        ("config.outer_data=test", "'disjoint', 'heldout' or 'same'"),
        ("data.ratios=[0.5,0.5,0.5]", "three shares of at least 0.001 that sum to 1"),
        ("data.ratios=[0.7,0.3,0]", "three shares of at least 0.001 that sum to 1"),
        ("data.ratios=[0.7,0.3]", "data.ratios"),
        ("evaluation.headline_k=5", "headline_k=5 is not among ks=(10, 20)"),
        ("evaluation.ks=[0,20]", "cut-offs must be distinct and at least 1"),
        ("evaluation.ks=[20,20]", "cut-offs must be distinct and at least 1"),
        ("evaluation.ks=[]", "evaluation.ks"),
        ("seed=-1", "seed: input should be greater than or equal to 0"),
        ("compute.device=gpu", "compute.device"),
        ("training.patience=0", "training.patience"),
    ],
)
def test_bad_input_is_one_line_that_names_the_key(assignment: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        from_assignments(assignment)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    assert caught.value.exit_code == 2


def test_options_belong_to_the_method() -> None:
    with pytest.raises(BadInput, match=r"unknown key 'config\.eta'"):
        from_assignments("method=alpharec", "config.eta=0.1")


@pytest.mark.parametrize("assignment", ["config.eta=0", "config.xi=0", "config.lam=0", "config.gamma=0"])
def test_zero_is_legal_where_it_means_something(assignment: str) -> None:
    key = assignment.split("=")[0]
    assert from_assignments(assignment).flat()[key] == 0


def test_unset_look_ahead_rate_is_the_learning_rate() -> None:
    assert from_assignments("config.learning_rate=0.005").config.lookahead_rate == 0.005  # type: ignore[attr-defined]
    assert from_assignments("config.xi=0").config.lookahead_rate == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("assignments", "tree"),
    [
        (["config.eta=1e-3"], {"config": {"eta": 0.001}}),
        (["a.b=1", "a.c=true"], {"a": {"b": 1, "c": True}}),
        (["a=[1, 2]", "b=null", "c=text", 'd="7"'], {"a": [1, 2], "b": None, "c": "text", "d": "7"}),
        (["a=1", "a=2"], {"a": 2}),
        (["a=x=y"], {"a": "x=y"}),
        (["a="], {"a": ""}),
    ],
)
def test_assignments(assignments: list[str], tree: dict[str, Any]) -> None:
    assert parse_assignments(assignments) == tree


@pytest.mark.parametrize("assignment", ["eta", "=1", "config.=1", ".eta=1"])
def test_what_is_no_assignment(assignment: str) -> None:
    with pytest.raises(BadInput, match="write it as key=value"):
        parse_assignments([assignment])


def test_the_later_tree_wins_key_by_key() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {"a": {"b": 9, "c": 2}, "d": 3}


def test_all_ways_end_in_one_spec(tmp_path: Path) -> None:
    toml, js = tmp_path / "spec.toml", tmp_path / "spec.json"
    toml.write_text('method = "bifair"\nseed = 7\n[config]\neta = 0.002\n[evaluation]\nks = [5, 20]\n')
    js.write_text(json.dumps({"evaluation": {"ks": [5, 20]}, "config": {"eta": 2e-3}, "seed": 7}))
    by_flags = from_assignments("seed=7", "config.eta=0.002", "evaluation.ks=[5,20]")
    by_python = RunSpec(seed=7, config={"eta": 0.002}, evaluation={"ks": (5, 20)})  # type: ignore[arg-type]
    others = [build_spec(read_spec_file(toml)), build_spec(read_spec_file(js)), by_python]
    assert all(other == by_flags and other.digest == by_flags.digest for other in others)


def test_a_spec_survives_its_file(tmp_path: Path) -> None:
    spec = from_assignments("method=alpharec", "groupings.genre.min_items=5", "data.min_rating=null")
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(spec.model_dump(mode="json")))
    again = build_spec(read_spec_file(file))
    assert again == spec
    assert again.digest == spec.digest


@pytest.mark.parametrize(
    ("name", "text"), [("s.toml", "a = = 1"), ("s.json", "{"), ("s.json", "[1]"), ("missing.toml", None)]
)
def test_files_that_are_no_specs(name: str, text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match="spec file"):
        read_spec_file(tmp_path / name)


class TestDigest:
    def test_does_not_depend_on_the_order_of_keys(self) -> None:
        one = build_spec({"seed": 1, "config": {"eta": 0.1, "T": 9}})
        other = build_spec({"config": {"T": 9, "eta": 0.1}, "seed": 1})
        assert one.digest == other.digest

    def test_does_not_depend_on_the_machine(self) -> None:
        assert from_assignments("compute.threads=1", "compute.device=cpu").digest == from_assignments().digest

    def test_writing_a_default_changes_nothing(self) -> None:
        assert from_assignments("method=bifair", "config.T=50", "group=genre").digest == from_assignments().digest

    @pytest.mark.parametrize(
        "change", ["seed=1", "config.eta=0.5", "data.core=6", "method=alpharec", "group=popularity"]
    )
    def test_depends_on_what_a_run_means(self, change: str) -> None:
        assert from_assignments(change).digest != from_assignments().digest

    def test_the_split_has_a_seed_of_its_own_where_given(self) -> None:
        assert from_assignments("seed=3").split_seed == 3
        assert from_assignments("seed=3", "data.split_seed=8").split_seed == 8


def test_specs_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        from_assignments().seed = 3  # type: ignore[misc]


def test_the_trained_grouping_is_always_reported() -> None:
    assert from_assignments("groups=popularity", "group=genre").groups == ("popularity", "genre")
