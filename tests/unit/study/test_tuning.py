"""What a comparison plans, and what its rules choose from the trials."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from harness.base.errors import BadInput
from harness.spec.reference import reference_of
from harness.spec.selection import Bar
from harness.study.archive import missing
from harness.study.arm import Arm
from harness.study.grid import planned_tasks
from harness.study.plan import plan_grid
from harness.study.records import Record, Records, Stage
from harness.study.study_spec import GridSpec
from harness.study.tuning import Trial, Tuned, choose

NAN = float("nan")
FIRST = Trial({"config.eta": 1.0}, [(0.10, 0.50), (0.30, 0.40), (0.28, 0.20)])
SECOND = Trial({"config.eta": 2.0}, [(0.29, 0.10), (0.20, 0.01)])
STUDY = {
    "summary": "",
    "methods": ["alpharec", "joint (ERM)", "bifair"],
    "selections": ["best_ndcg", "fair_within:0.1"],
    "baseline": "alpharec",
    "variants": {
        "alpharec": {"method": "alpharec", "selections": ["best_ndcg"]},
        "joint (ERM)": {"method": "joint", "set": {"config.loss": "erm"}, "search": ["eta"]},
    },
    "budgets": {"default": {"seeds": [0, 1], "trials": 4}},
}


def study(**options: Any) -> GridSpec:
    return GridSpec.model_validate({**STUDY, **options})


def test_best_ndcg_takes_the_most_accurate_epoch_of_all_trials() -> None:
    assert choose([FIRST, SECOND], None) == {"config.eta": 1.0}


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, {"config.eta": 1.0}), (0.05, {"config.eta": 2.0}), (0.5, {"config.eta": 2.0})]
)
def test_fair_within_takes_the_fairest_epoch_that_is_accurate_enough(share: float, expected: dict[str, float]) -> None:
    assert choose([FIRST, SECOND], Bar(share, "alpharec", "", 0.30)) == expected


def test_nothing_qualifies_where_no_epoch_does() -> None:
    assert choose([FIRST, SECOND], Bar(0.0, "alpharec", "", 0.31)) is None
    assert choose([], None) is None


def test_ties_go_to_the_earlier_trial_and_an_epoch_without_a_cv_comes_last() -> None:
    twin = Trial({"config.eta": 3.0}, FIRST.epochs)
    assert choose([FIRST, twin], None) == choose([FIRST, twin], Bar(0.5, "alpharec", "", 0.3)) == FIRST.params
    unknown = Trial({"config.eta": 4.0}, [(0.30, NAN)])
    assert choose([unknown, FIRST], Bar(0.0, "alpharec", "", 0.3)) == FIRST.params


def test_a_variant_has_its_own_rules_its_own_options_and_its_own_space() -> None:
    plan = plan_grid("s", study(), {}, "default")
    assert [(arm.variant, arm.rule) for arm in plan.arms] == [
        ("alpharec", "best_ndcg"),
        *product(("joint (ERM)", "bifair"), ("best_ndcg", "fair_within:0.1")),
    ]
    alpharec, erm, bifair = plan.searches
    assert [plan.name_of(arm, 0) for arm in (alpharec, bifair)] == ["alpharec, seed 0", "bifair, best_ndcg, seed 0"]
    assert erm.spec(0).config.model_dump()["loss"] == "erm"
    assert set(erm.space) == {"config.eta"}
    assert {"config.eta", "config.xi", "config.epsilon", "config.T", "config.lam"} <= set(bifair.space)
    assert plan.reference_of(bifair) is alpharec


def test_runs_have_what_tuning_chose_and_are_compared_with_the_tuned_reference() -> None:
    plan = plan_grid("s", study(), {}, "default")
    tuned = Tuned(choices={(arm, 1000): {"config.learning_rate": 0.004} for arm in plan.arms})
    tuned.choices[Arm("bifair", "bifair", "fair_within:0.1"), 1000] = None
    found = {(task.note.arm.variant, task.note.arm.rule, task.spec.seed): task for task in planned_tasks(plan, tuned)}
    assert len(found) == 2 * (1 + 2 + 2)
    spec = found["joint (ERM)", "fair_within:0.1", 0].spec
    assert (spec.training.selection, spec.flat()["config.learning_rate"]) == ("fair_within:0.1", 0.004)
    measured = found["alpharec", "best_ndcg", 0].spec
    assert reference_of(spec).digest == measured.digest, "the bar is the run that is compared, not another one"
    assert [key for key, task in found.items() if task.note.params is None] == [
        ("bifair", "fair_within:0.1", seed) for seed in (0, 1)
    ]
    best = found["joint (ERM)", "best_ndcg", 0].spec
    assert not best.evaluation.reference_options


def test_tuning_on_each_seeds_own_split() -> None:
    plan = plan_grid("s", study(tuning={"each_seed": True}), {}, "default")
    assert plan.tuning_seeds == (0, 1)
    assert plan_grid("s", study(), {}, "default").tuning_seeds == (1000,)
    assert plan_grid("s", study(), {}, "default", trials=0).tuning_seeds == ()


def test_what_others_start_from_is_tuned_before_them() -> None:
    def stages(**options: Any) -> list[list[str]]:
        tree = options.pop("tree", {})
        plan = plan_grid("s", study(tuning=options), tree, "default")
        return [[arm.variant for arm in part] for part in plan.tuning_stages]

    assert stages() == [["alpharec", "joint (ERM)", "bifair"]]
    assert stages(from_reference=True) == [["alpharec"], ["joint (ERM)", "bifair"]]
    assert stages(from_reference=True, tree={"method": "bifair"}) == [["bifair"]], "it takes no part"


def test_trials_of_a_study_that_was_tuned_otherwise_are_missing() -> None:
    plan = plan_grid("s", study(tuning={"from_reference": True}), {}, "default")
    spec = plan.searches[0].spec(1000, rule="best_ndcg").model_dump(mode="json")
    trial = Record("trial", "alpharec", "alpharec", "best_ndcg", 1000, spec=spec, number=0, run="a")
    assert missing(plan, Records("s", "default", {}, (trial,))).trials == 3 * 4
    assert missing(plan, Records("s", "default", {"tuning": {"from_reference": True}}, (trial,))).trials == 3 * 4 - 1


def test_more_seeds_and_trials_than_the_budget_says_and_one_method() -> None:
    plan = plan_grid("s", study(), {"method": "joint"}, "default", seeds=3, trials=9)
    assert (plan.seeds, plan.chosen.trials, [arm.variant for arm in plan.searches]) == ((0, 1, 2), 9, ["joint (ERM)"])
    with pytest.raises(BadInput, match="unknown method in study 's' 'ease'"):
        plan_grid("s", study(), {"method": "ease"}, "default")
    with pytest.raises(BadInput, match=r"one seed \(--seed\) or how many \(--seeds\)"):
        plan_grid("s", study(), {"seed": 1}, "default", seeds=2)
    with pytest.raises(BadInput, match="selection rules of its own"):
        plan_grid("s", study(), {"training": {"selection": "best_ndcg"}}, "default")


def test_what_is_missing_is_counted_and_timed() -> None:
    plan = plan_grid("s", study(), {}, "default")
    everything = missing(plan, None)
    assert (everything.trials, everything.runs, everything.seconds) == (3 * 4, 2 * 5, None)
    arms = {arm.variant: arm for arm in plan.arms}

    def record(stage: Stage, variant: str, rule: str, seed: int, other: Mapping[str, Any] = {}, **about: Any) -> Record:
        spec = arms[variant].spec(seed, other, rule).model_dump(mode="json")
        return Record(stage, variant, variant, rule, seed, spec=spec, **about)

    have = [
        record("compare", "alpharec", "best_ndcg", 0, run="a", metrics={"run_seconds": 10.0}),
        record("compare", "bifair", "fair_within:0.1", 0, failure="none qualifies: …"),
        record("compare", "bifair", "fair_within:0.1", 1, failure="its process was killed"),
        record("compare", "alpharec", "best_ndcg", 1, {"data.core": 7}, run="c"),
        record("trial", "bifair", "best_ndcg", 1000, number=0, run="b", metrics={"run_seconds": 30.0}),
    ]
    rest = missing(plan, Records("s", "default", {}, tuple(have)))
    assert (rest.trials, rest.runs, rest.unknown) == (11, 8, ("joint (ERM)",))
    assert rest.seconds == pytest.approx((4 + 1) * 10 + (4 + 4) * 20 + (3 + 3) * 30)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baseline": "lightgcn"}, "baseline names 'lightgcn', which is not among the study's methods"),
        ({"variants": {"mine": {"method": "mf"}}}, "variant 'mine' is not among"),
        ({"selections": ["best"]}, "unknown rule"),
        ({"claims": [{"text": "it is so"}]}, "names metric, variant and against, or says why it is untestable"),
        ({"claims": [{"text": "x", "metric": "ndcg", "variant": "bifair", "against": "mf"}]}, "names 'mf'"),
        ({"budgets": {"default": {"seeds": [0], "methods": ["mf"]}}}, "budget default names 'mf'"),
    ],
)
def test_what_a_study_says_of_itself_fits_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        study(**options)
