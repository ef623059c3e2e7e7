"""What a study consists of, before it is begun."""

from typing import Any

import pytest

from harness.study.estimate.planned_work import planned_work, seconds_of, work_of
from harness.study.plan import plan_grid
from harness.study.search_plan import plan_search
from harness.study.study_spec import GridSpec, SearchSpec
from harness.study.trials import RANDOM_TRIALS

SHOP: dict[str, Any] = {"dataset": "long-tail", "dataset_options": {"n_users": 60, "n_items": 60, "n_groups": 3}}


def grid(**declared: Any) -> GridSpec:
    own = {"summary": "two methods", "methods": ["alpharec", "reweight"], "selections": ["best_ndcg"]}
    return GridSpec.model_validate(own | declared)


def test_a_comparison_is_tuned_and_then_run_with_every_seed() -> None:
    plan = plan_grid("two", grid(budgets={"smoke": {"seeds": [0, 1, 2], "trials": 7}}), SHOP, "smoke")
    trials, compared = planned_work(plan)
    assert [(work.spec.method, work.runs, work.touch_test, work.at_once) for work in trials] == [
        ("alpharec", 7, False, RANDOM_TRIALS),
        ("reweight", 7, False, RANDOM_TRIALS),
    ]
    assert [(work.spec.method, work.runs, work.touch_test) for work in compared] == [
        ("alpharec", 3, True),
        ("reweight", 3, True),
    ]
    assert sum(work.runs for stage in (trials, compared) for work in stage) == plan.size


def test_what_others_start_from_is_tuned_first() -> None:
    declared = grid(tuning={"from_reference": True}, budgets={"smoke": {"seeds": [0], "trials": 7}})
    reference, others, _ = planned_work(plan_grid("two", declared, SHOP, "smoke"))
    assert [work.spec.method for work in reference] == ["alpharec"]
    assert [work.spec.method for work in others] == ["reweight"]


def test_what_others_are_measured_by_is_run_first_where_it_takes_no_part() -> None:
    alone = grid(methods=["reweight"], selections=["fair_within:0.05"], budgets={"smoke": {"seeds": [0, 1]}})
    references, compared = planned_work(plan_grid("one", alone, SHOP, "smoke"))
    assert [(work.spec.method, work.runs, work.touch_test) for work in references] == [("alpharec", 2, False)]
    assert [(work.spec.method, work.runs) for work in compared] == [("reweight", 2)]
    both = grid(selections=["best_ndcg", "fair_within:0.05"], budgets={"smoke": {"seeds": [0, 1]}})
    (compared,) = planned_work(plan_grid("both", both, SHOP, "smoke"))
    assert sum(work.runs for work in compared) == 8


def test_a_search_draws_curves_and_then_makes_its_trials() -> None:
    study = SearchSpec.model_validate(
        {
            "summary": "curves",
            "methods": ["reweight"],
            "space": {"config.learning_rate": {"low": 0.001, "high": 0.01}},
            "curves": {"config.temperature": [0.1, 0.2, 0.3]},
            "objectives": {"ndcg": "maximize"},
            "base": {"training.selection": "fair_within:0.05"},
            "budgets": {"smoke": {"seeds": [0, 1], "trials": 4}},
        }
    )
    plan = plan_search("curves", study, SHOP, "smoke")
    stages = planned_work(plan)
    assert [[(work.spec.method, work.runs) for work in stage] for stage in stages] == [
        [("alpharec", 2)],
        [("reweight", 6)],
        [("reweight", 4)],
    ]
    assert not any(work.touch_test for stage in stages for work in stage)


@pytest.mark.parametrize(("workers", "seconds"), [(1, 2 * 2 * 1.0 + 2 * 3 * 2.0), (2, 2 * 1.0 + 3 * 2.0)])
def test_stages_follow_each_other(workers: int, seconds: float) -> None:
    plan = plan_grid("two", grid(budgets={"smoke": {"seeds": [0, 1, 2], "trials": 2}}), SHOP, "smoke")
    stages = planned_work(plan)
    assert seconds_of(stages, lambda work: 2.0 if work.touch_test else 1.0, workers) == pytest.approx(seconds)
    assert work_of(stages, lambda work: 2.0 if work.touch_test else 1.0) == pytest.approx(16.0)
