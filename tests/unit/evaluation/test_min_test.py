"""Groups with too few test interactions to say anything: left out of every disparity, and named."""

import io
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch

from harness.api.lists import evaluate_lists
from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.builtin.disparities.cv import CV
from harness.console.plain import PlainConsole
from harness.data.group_assignment import definition
from harness.domain.interactions import Interactions, Test, Validation
from harness.domain.membership import Membership
from harness.domain.metric_key import MetricKey
from harness.evaluation.evaluate import Evaluation, Fairness, evaluate, validate
from harness.plugins import Grouping, GroupingConfig, GroupingInput
from harness.runs.summary import Summary
from harness.spec.build import build_spec
from harness.spec.options import EvaluationOptions

OPTIONS = EvaluationOptions(ks=(2,), headline_k=2)
N_USERS, N_ITEMS = 40, 6
LABELS = [["many"], ["many"], ["enough"], ["enough"], ["few"], ["none"]]
GENRES = Membership.from_labels("genre", "item", LABELS, order=["many", "enough", "few", "none"])


def wanted(kind: type[Interactions] = Test, enough: int = 30, few: int = 29) -> Interactions:
    """Items 0 (by 40 users), 2 (by 30) and 4 (by 29); nobody wants the others."""
    pairs = [(u, 0) for u in range(40)] + [(u, 2) for u in range(enough)] + [(u, 4) for u in range(few)]
    users, items = np.array(sorted(pairs)).T
    return kind(users, items, N_USERS, N_ITEMS)


def score(users: torch.Tensor) -> torch.Tensor:
    """Everybody gets items 0 and 5, users below 10 get 2 in the place of 5."""
    scores = torch.tensor([9.0, 0.0, 1.0, 0.0, 0.5, 5.0]).expand(len(users), -1).clone()
    scores[users < 10, 2] = 7
    return scores


def measured(membership: Membership = GENRES, least: int = 30, target: Interactions | None = None) -> Evaluation:
    fairness = Fairness(membership, "recall", ("cv", "minimum", "gini"), {membership.side: least})
    return evaluate(score, target or wanted(), [], [fairness], OPTIONS)


def value(found: Evaluation, name: str) -> float:
    return found.metrics[MetricKey(name, 2, "genre")]


def test_a_group_of_29_is_left_out_and_one_of_30_is_not() -> None:
    found = measured()
    assert found.left_out == {"genre": ["few", "none"]}
    utilities = np.array([1.0, 10 / 30])  # many, enough; few would be 0
    assert value(found, "cv") == pytest.approx(CV.of(utilities))
    assert value(found, "minimum") == pytest.approx(1 / 3)
    assert value(measured(least=29), "minimum") == 0
    assert value(measured(least=0), "cv") == pytest.approx(CV.of(np.array([1.0, 1 / 3, 0])))


def test_exposure_is_compared_among_the_groups_that_are_judged() -> None:
    found = measured()
    # 40 places show many, 10 enough (30 show none, which is not judged); the catalogue has 2 items of either
    assert value(found, "dp") == pytest.approx(abs(40 / 50 - 1 / 2))
    assert value(found, "eo") == pytest.approx(abs(40 / 50 - 40 / 70))
    assert value(found, "reo") == pytest.approx(CV.of(np.array([1.0, 1 / 3])))
    assert value(measured(least=0), "dp") == pytest.approx((40 / 80 - 1 / 3) + (30 / 80 - 1 / 6))


def test_the_left_out_keep_their_row() -> None:
    rows = {row.group: (row.utility, row.interactions) for row in measured().groups}
    assert rows == {"many": (1.0, 40), "enough": (pytest.approx(1 / 3), 30), "few": (0.0, 29)}


def test_validation_goes_by_its_own_interactions() -> None:
    fairness = Fairness(GENRES, least_test={"item": 30})
    found = validate(score, wanted(Validation, enough=29, few=31), [], fairness, OPTIONS)
    assert found.left_out == {"genre": ["enough", "none"]}
    assert value(found, "cv") == pytest.approx(CV.of(np.array([1.0, 0.0])))


def test_where_no_group_is_judged_there_is_no_value() -> None:
    found = measured(least=41)
    assert not [key for key in found.metrics if key.grouping]
    assert {str(key) for key in found.undefined} >= {"genre/cv_at_2", "genre/minimum_at_2", "genre/dp_at_2"}


def test_groups_of_users_go_by_the_interactions_of_their_users() -> None:
    ages = Membership.from_labels("genre", "user", [["young"]] * 15 + [["old"]] * 25)
    assert measured(ages, least=46).left_out == {"genre": ["young"]}  # 15 users with 3 each; old: 25 + 15 + 14
    assert measured(ages, least=45).left_out == {"genre": []}


def test_two_sides_have_a_least_number_each() -> None:
    everyone = Membership.from_labels("user_individual", "user", [[f"u{u}"] for u in range(N_USERS)])
    both = Membership.two_sided("both", GENRES, everyone)
    found = evaluate(score, wanted(), [], [Fairness(both, least_test={"item": 30, "user": 0})], OPTIONS)
    assert found.left_out == {"both": ["item few", "item none"]}


# --- the option ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "least"),
    [
        ("genre", {}, {"item": 30}),
        ("genre", {"min_test": 5}, {"item": 5}),
        ("gender", {}, {"user": 30}),
        ("column", {"column": "age", "side": "user", "min_test": 3}, {"user": 3}),
        ("item_individual", {}, {"item": 0}),
        ("user_individual", {"min_test": 2}, {"user": 2}),
        ("two_sided", {}, {"item": 30, "user": 30}),
        ("two_sided", {"min_test": 7}, {"item": 7, "user": 7}),
        ("two_sided", {"users": "user_individual"}, {"item": 30, "user": 0}),
        ("two_sided", {"options": {"activity": {"min_test": 4}}}, {"item": 30, "user": 4}),
        ("intersection", {}, {"item": 30}),
    ],
)
def test_every_definition_has_it(name: str, options: dict[str, object], least: dict[str, int]) -> None:
    spec = build_spec({"groups": [name], "groupings": {name: options}})
    assert definition(name, spec.groupings[name]).least_test == least


def test_specs_that_do_not_say_it_keep_their_digests() -> None:
    rule = {"training": {"selection": "best_ndcg"}}
    assert build_spec(rule).digest == "c146302d33829d14"
    options = {
        "genre": {"min_items": 20},
        "popularity": {},
        "user_individual": {},
        "two_sided": {"options": {"activity": {}}},
        "intersection": {"options": {"genre": {"min_items": 3}}},
    }
    said = build_spec({"groups": ["genre", "two_sided", "intersection"], "groupings": options} | rule)
    assert said.digest == "b02d274eee36903f"
    assert build_spec({"groupings": {"genre": {"min_test": 30}}}).digest != build_spec({}).digest


def test_a_stored_spec_comes_back_with_it() -> None:
    spec = build_spec({"groupings": {"genre": {"min_test": 3}}})
    assert build_spec(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize(
    ("groupings", "message"),
    [
        ({"genre": {"min_test": -1}}, r"groupings\.genre\.min_test: .*greater than or equal to 0"),
        ({"genre": {"min_tests": 1}}, r"did you mean 'min_test'"),
        (
            {"intersection": {"options": {"genre": {"min_test": 3}}}},
            r"groupings\.intersection\.options\.genre\.min_test: .* say groupings\.intersection\.min_test",
        ),
    ],
)
def test_what_it_cannot_be_is_one_line(groupings: dict[str, object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        build_spec({"groupings": groupings})


class PlainConfig(Frozen):
    """Options of somebody who has not heard of it."""

    size: int = 3


class Plain(Grouping):
    name = "plain"
    summary = "an author's own"
    Config = PlainConfig

    def assign(self, source: GroupingInput) -> Membership:
        return GENRES


class Bare(Plain):
    Config = Frozen
    min_test = 4


def test_an_authors_definition_has_it_too() -> None:
    config = Plain.Config.model_validate({"size": 4, "min_test": 9})
    assert isinstance(config, PlainConfig)
    assert isinstance(config, GroupingConfig)
    assert config.model_dump() == {"size": 4, "min_test": 9}
    assert Plain.Config().model_dump() == {"size": 3}
    assert Plain(config).least_test == {"item": 9}
    assert Plain(PlainConfig()).least_test == {"item": 30}
    assert Bare(Bare.Config()).least_test == {"item": 4}
    assert Bare.Config().model_dump() == {}


# --- what people see -------------------------------------------------------------------------------------------------


def test_the_printed_table_names_them_with_their_counts() -> None:
    found = measured()
    summary = Summary("t", "genre", "genre", (2,), 2, found.metrics, found.groups, found.left_out)
    text = _printed(summary)
    assert "left out of genre (no test interaction): none" in text
    assert "left out of genre (too few test interactions to judge: min_test): few (29)" in text
    assert "left out" not in _printed(replace(summary, left_out={"genre": []}))


def test_lists_of_anybodys_are_judged_by_the_same_rule() -> None:
    target = wanted()
    test = pl.DataFrame({"user": target.users, "item": target.items})
    items = pl.DataFrame({"item": range(N_ITEMS), "genres": LABELS})
    lists = {u: [0, 2 if u < 10 else 5] for u in range(N_USERS)}
    scores = evaluate_lists(lists, test, items, fairness=["genre"], ks=[2], options={"genre": {"min_items": 1}})
    assert scores.metrics["test/genre/cv_at_2"] == pytest.approx(0.5)
    assert "too few test interactions to judge: min_test): few (29)" in repr(scores)


def _printed(summary: Summary) -> str:
    text = io.StringIO()
    PlainConsole(text).result(summary)
    return " ".join(text.getvalue().split())
