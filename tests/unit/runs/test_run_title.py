"""Names of runs: short, and no two specs share one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.trees import nested
from harness.runs.run_title import LONGEST, run_title
from harness.spec.build import build_spec
from harness.study.plan import plan_grid
from harness.study.study_spec import GridSpec, load_study


def title(**options: Any) -> str:
    return run_title(build_spec(nested({key.replace("__", "."): value for key, value in options.items()})))


def test_defaults_are_left_out_and_what_matters_comes_first() -> None:
    assert title() == "bifair seed 0 on movielens-100k, genre"
    assert title(seed=3, method="alpharec", group="popularity") == "alpharec seed 3 on movielens-100k, popularity"
    assert title(data__core=10, training__selection="best_ndcg", config__eta=0.002) == (
        "bifair seed 0, eta 0.002, selection best_ndcg, core 10 on movielens-100k, genre"
    )
    assert (
        title(method="alpharec", rerank__name="cpfair") == "alpharec + cpfair seed 0, lam 0.1 on movielens-100k, genre"
    )
    assert title(encoder__name="random") == (
        "bifair seed 0, encoder random, dimensions 384, encoder.options.seed 0 on movielens-100k, genre"
    )
    assert title(dataset="long-tail", dataset_options={"n_users": 120}, method="random") == (
        "random seed 0, n_users 120 on long-tail, genre"
    )


def test_a_run_that_only_selects_and_one_of_another_machine() -> None:
    spec = build_spec({"method": "alpharec"})
    assert run_title(spec, touch_test=False) == "alpharec seed 0 on movielens-100k, genre, validation only"
    assert title(method="alpharec", compute__threads=3) == run_title(spec)


@given(st.floats(1e-4, 1e-2), st.floats(1e-4, 1e-2))
def test_values_are_in_short_and_the_digest_tells_those_apart_that_look_alike(one: float, other: float) -> None:
    first, second = title(config__eta=one), title(config__eta=other)
    assert (first == second) == (one == other)
    assert first.startswith(f"bifair seed 0, eta {one:.3g}") or one == 1e-3


def test_of_many_options_those_that_fit_are_said() -> None:
    spec = build_spec({"data": {"text": "{title} " * 30}, "config": {"eta": 0.002}})
    name = run_title(spec)
    assert name == f"bifair seed 0, eta 0.002 #{spec.digest[:6]} on movielens-100k, genre"
    assert len(name) < LONGEST


@pytest.mark.parametrize("study", ["main", "ablation", "encoders", "tradeoff", "empirical", "methods"])
def test_no_two_runs_of_a_study_have_one_name(study: str) -> None:
    declared = load_study(study)
    assert isinstance(declared, GridSpec)
    plan = plan_grid(study, declared, {}, "default")
    specs = [arm.spec(seed) for arm in plan.arms for seed in plan.seeds]
    assert len({run_title(spec) for spec in specs}) == len({spec.digest for spec in specs})
