"""Reports of searches: importances, recommended ranges and fronts of what is known, and pictures of few and many."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.document import Document, Picture, Table, Text
from harness.report.search.contours import leading_pairs
from harness.report.search.curve_verdicts import curve_effects
from harness.report.search.curves import standing
from harness.report.search.importance import importances
from harness.report.search.measured_trials import Observed, observe
from harness.report.search.ranges import chance_of_span, good_trials, recommended
from harness.report.search.scale import axis_of, bounds, positions
from harness.report.search.search_document import search_document
from harness.study.records import Record, Records
from harness.study.study_spec import Axis, SearchSpec

ETA, XI, SIZE = "config.eta", "config.xi", "config.size"
SPEC = {
    "group": "genre", "dataset": "toy", "encoder": {"name": "random"}, "evaluation": {"headline_k": 20},
    "config": {"eta": 0.002, "xi": None, "learning_rate": 0.01},
}  # fmt: skip
STUDY = SearchSpec.model_validate({
    "summary": "s",
    "methods": ["bifair"],
    "space": {
        ETA: {"symbol": "η", "low": 1e-4, "high": 1e-1, "log": True},
        XI: {"symbol": "ξ", "low": 0.0, "high": 1.0, "like": "config.learning_rate"},
    },
    "objectives": {"ndcg": "maximize", "{group}/cv": "minimize"},
    "symbols": {SIZE: "d"},
    "budgets": {"default": {"trials": 3}},
})  # fmt: skip
Value = Callable[[Mapping[str, Any]], tuple[float, float]]


def record(stage: Any, number: int, params: Mapping[str, Any], value: tuple[float, float], **options: Any) -> Record:
    metrics = {"validation/ndcg_at_20": value[0], "validation/genre/cv_at_20": value[1]}
    return Record(stage, "bifair", "bifair", "best_ndcg", options.pop("seed", 0), number=number, params=params,
                  run=f"{stage}{number}", metrics=metrics, spec=SPEC, **options)  # fmt: skip


def trials(n: int, value: Value, seed: int = 0) -> list[Record]:
    stream = np.random.default_rng(seed)
    drawn = [{ETA: float(10 ** stream.uniform(-4, -1)), XI: float(stream.uniform())} for _ in range(n)]
    return [record("trial", number, params, value(params)) for number, params in enumerate(drawn)]


def curves(seeds: int = 2) -> list[Record]:
    values = {ETA: (1e-3, 1e-2, 1e-1), XI: (0.1, 0.9), SIZE: (8, 64)}
    return [
        record("curve", 0, {key: value}, (0.2 + 0.01 * seed + 0.001 * place, 0.4), seed=seed)
        for seed in range(seeds)
        for key, options in values.items()
        for place, value in enumerate(options)
    ]


def made(*runs: Record, study: SearchSpec = STUDY) -> Observed:
    return observe(study, Records("sensitivity", "default", {}, runs))


def document(*runs: Record) -> Document:
    return search_document(STUDY, Records("sensitivity", "default", {}, runs))


def valley(params: Mapping[str, Any]) -> tuple[float, float]:
    """Best around η = 0.01; ξ changes nothing."""
    distance = abs(np.log10(params[ETA]) + 2)
    return 0.3 - 0.1 * distance, 0.4 + 0.1 * distance


def blocks(found: Document) -> list[Any]:
    return [block for section in found.sections for block in section.blocks]


def texts(found: Document) -> str:
    return " ".join(" ".join((block.text, *block.items)) for block in blocks(found) if isinstance(block, Text))


@pytest.mark.parametrize("decides", [ETA, XI])
def test_the_parameter_that_decides_is_first(decides: str) -> None:
    def value(params: Mapping[str, Any]) -> tuple[float, float]:
        place = params[XI] if decides == XI else np.log10(params[ETA]) / 3
        return 0.2 + place, 0.5 - place

    found = importances(made(*trials(24, value)))
    assert [one.objective.label for one in found] == ["NDCG@20", "CV@20 of genre"]
    for one in found:
        assert next(iter(one.shares)) == decides
        assert one.shares[decides] > 0.9
        assert sum(one.shares.values()) == pytest.approx(1)
        assert all(one.low[key] <= one.shares[key] <= one.high[key] for key in one.shares)


def test_importances_need_trials_that_differ() -> None:
    assert importances(made(*trials(9, valley))) == []
    assert importances(made(*trials(12, lambda _: (0.2, 0.4)))) == []
    alike = [record("trial", i, {ETA: 0.01, XI: i / 12}, (0.2 + i / 100, 0.4)) for i in range(12)]
    assert importances(made(*alike)) == []


def test_the_valley_is_recommended_and_what_does_not_matter_is_not() -> None:
    ranges = {one.key: one for one in recommended(made(*trials(60, valley)))}
    assert ranges[ETA].sharp
    assert 0.005 < ranges[ETA].low < ranges[ETA].high < 0.02
    assert ranges[ETA].inside == ranges[ETA].good, "within the valley every trial is good"
    assert not ranges[XI].sharp


def test_where_every_trial_is_good_no_range_is_sharp() -> None:
    found = made(*trials(20, lambda _: (0.2, 0.4)))
    assert good_trials(found).all()
    assert {one.chance for one in recommended(found)} == {1.0}
    tables = {block.name: block for block in blocks(document(*found.trials)) if isinstance(block, Table)}
    assert "not sharp" in tables["ranges"].lines[0][2]


def test_good_trials_are_accurate_and_of_those_the_fairest_quarter() -> None:
    accurate = [record("trial", i, {ETA: 0.01, XI: 0.5}, (0.2, 0.3 + i / 100)) for i in range(16)]
    fair = [record("trial", 16 + i, {ETA: 0.01, XI: 0.5}, (0.1, 0.1)) for i in range(3)]
    assert np.flatnonzero(good_trials(made(*accurate, *fair))).tolist() == [0, 1, 2, 3]


places_of = st.lists(st.integers(0, 9).map(float), min_size=2, max_size=8)


@given(places_of, st.integers(1, 5), st.integers(0, 9))
def test_the_chance_of_a_span_is_that_of_all_subsets(places: list[float], k: int, span: int) -> None:
    if len(places) < k:
        assert np.isnan(chance_of_span(places, k, span))
        return
    spans = [max(subset) - min(subset) <= span for subset in combinations(places, k)]
    assert chance_of_span(places, k, float(span)) == pytest.approx(np.mean(spans))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=10))
def test_the_front_is_what_nobody_dominates(values: list[tuple[int, int]]) -> None:
    found = made(*(record("trial", i, {ETA: 0.01, XI: 0.5}, value) for i, value in enumerate(values)))
    expected = [
        not any(a[0] >= b[0] and a[1] <= b[1] and a != b for a in values)
        for b in values
    ]  # fmt: skip
    assert found.on_front().tolist() == expected


def test_pairs_that_matter_most_come_first_and_lines_are_no_pairs() -> None:
    found = made(*trials(20, valley))
    assert leading_pairs(found, importances(found)) == [(ETA, XI)]
    on_a_line = [record("trial", i, {ETA: 10 ** (-4 + i / 5), XI: i / 15}, (0.2, 0.4)) for i in range(12)]
    assert leading_pairs(made(*on_a_line), []) == []


@pytest.mark.parametrize("n", [1, 2, 12])
def test_documents_of_few_and_of_many_trials(n: int) -> None:
    found = document(*curves(seeds=1 + n % 2), *trials(n, valley))
    pictures = [block for block in blocks(found) if isinstance(block, Picture)]
    for picture in pictures:
        picture.figure.savefig(io.BytesIO(), format="png", dpi=40)
    many = ["importances", "slices", "contours"] if n == 12 else ["slices"]
    assert [picture.name for picture in pictures] == ["curves", *many]
    assert ("No importances: " in texts(found)) == (n < 12)
    assert ("No contours: " in texts(found)) == (n < 12)
    tables = {block.name: block for block in blocks(found) if isinstance(block, Table)}
    if n == 12:
        assert "fANOVA" in tables["importances"].note, "the evaluator is named"
    table = tables["trials"]
    assert len(table.data) == n
    assert table.headings == ("trial", "η", "ξ", "NDCG@20", "CV@20 of genre", "on the front")


def test_choices_and_three_objectives() -> None:
    space = {**STUDY.space, SIZE: Axis(choices=("small", "large"))}
    objectives = {**STUDY.objectives, "{group}/min25": "maximize"}
    study = SearchSpec.model_validate({**STUDY.model_dump(), "space": space, "objectives": objectives})
    runs = []
    for number, trial in enumerate(trials(12, lambda params: (0.3 + valley(params)[0] / 100, valley(params)[1]))):
        params = {**trial.params, SIZE: ("small", "large")[number % 2]}
        metrics = {**trial.metrics, "validation/genre/min25_at_20": 0.1 * (number % 2)}
        runs.append(replace(trial, params=params, metrics=metrics))
    found = search_document(study, Records("tune", "default", {}, tuple(runs)))
    tables = {block.name: block for block in blocks(found) if isinstance(block, Table)}
    assert tables["importances"].headings[1:] == ("NDCG@20", "CV@20 of genre", "MIN@20 of genre")
    shares = {row["parameter"]: row["share"] for row in tables["importances"].data if "min25" in row["objective"]}
    assert max(shares, key=lambda key: shares[key]) == SIZE, "the choice alone decides MIN"
    assert [line[0] for line in tables["ranges"].lines] == ["η", "ξ"], "a choice has no range"
    for block in blocks(found):
        if isinstance(block, Picture):
            block.figure.savefig(io.BytesIO(), format="png", dpi=40)


def constrained(*values: tuple[float, float], required: float = 0.25) -> list[Record]:
    """Trials under ``fair_within``, with what their rule asked for among their metrics."""
    made_of = [record("trial", number, {ETA: 0.01, XI: 0.5}, value) for number, value in enumerate(values)]
    asked = {"selection/required_ndcg_at_20": required}
    spec = SPEC | {"evaluation": {"headline_k": 20, "reference": "alpharec"}}
    return [replace(one, rule="fair_within:0.02", spec=spec, metrics=one.metrics | asked) for one in made_of]


def test_the_best_trial_is_the_fairest_of_those_that_qualify() -> None:
    runs = constrained((0.30, 0.50), (0.24, 0.10), (0.26, 0.30), (0.25, 0.30), (0.29, 0.45))
    found = made(*runs)
    assert found.qualifies().tolist() == [True, False, True, True, True], "on the bar is enough"
    best = found.best()
    assert best is not None
    assert best.number == 2, "of two that are equally fair, the earlier one"
    assert found.on_front().tolist() == [True, False, True, False, True], "whoever does not qualify beats nobody"
    page = document(*runs)
    tables = {block.name: block for block in blocks(page) if isinstance(block, Table)}
    assert tables["best"].headings == ("", "trial 1", "trial 3")
    assert tables["best"].lines[-1] == ("CV@20 of genre", "0.5000", "0.3000")
    assert "0.2500 qualifies: fair_within:0.02 of alpharec at its defaults." in tables["best"].note
    assert [line[-2] for line in sorted(tables["trials"].lines)] == ["yes", "no", "yes", "yes", "yes"]
    assert "4 of 5 have one" in texts(page)
    assert json.loads(page.files["best.json"]) == best.spec


def test_without_a_constraint_the_best_trial_is_the_most_accurate() -> None:
    found = made(*(record("trial", n, {ETA: 0.01, XI: 0.5}, value) for n, value in enumerate([(0.2, 0.1), (0.3, 0.9)])))
    best = found.best()
    assert best is not None
    assert best.number == 1
    assert found.qualifies().all()


def test_where_no_trial_qualifies_the_nearest_is_said() -> None:
    page = document(*constrained((0.20, 0.10), (0.24, 0.40)))
    assert "No trial qualifies" in texts(page)
    assert "The nearest is trial 2 with 0.2400" in texts(page)
    assert "allow a larger share" in texts(page)
    assert page.files == {}
    assert not any(isinstance(block, Table) and block.name == "best" for block in blocks(page))


def test_failures_are_counted_and_said() -> None:
    failed = record("trial", 1, {ETA: 0.01}, (0.2, 0.4), failure="diverged")
    lacking = record("trial", 2, {ETA: 0.01, XI: 0.5}, (float("nan"), 0.4))
    found = document(*trials(1, valley), failed, lacking)
    assert "1 trials finished, 2 did not or lack an objective" in texts(found)
    assert "trial 2 (eta 0.01): diverged" in texts(found)
    assert "trial 3 (eta 0.01, xi 0.5): a value of an objective is missing" in texts(found)


def test_trials_that_were_stopped_early_are_no_failures() -> None:
    stopped = record("trial", 1, {ETA: 0.01, XI: 0.5}, (0.2, 0.4), failure="pruned after epoch 7: far behind")
    told = texts(document(*trials(1, valley), stopped))
    assert "1 trials finished, 1 were stopped as they fell behind in accuracy." in told
    assert "pruned after epoch 7" not in told


def test_no_run_at_all() -> None:
    assert [section.title for section in document().sections] == ["What was measured"]


def test_what_each_parameter_changes_is_said_where_seeds_tell() -> None:
    """ξ moves CV by .1 whatever the seed, d by nothing; η moves it by chance alone."""
    noise = iter(np.random.default_rng(3).normal(scale=0.02, size=100))
    values = {ETA: (1e-3, 1e-2), XI: (0.1, 0.9), SIZE: (8, 64)}
    runs = [
        record("curve", 0, {key: value}, (0.2, 0.4 + place * 0.1 * (key == XI) + (key == ETA) * next(noise)), seed=seed)
        for seed in range(3)
        for key, options in values.items()
        for place, value in enumerate(options)
    ]
    table = {block.name: block for block in document(*runs).tables}["curve_verdicts"]
    assert table.headings == ("parameter", "NDCG@20", "CV@20 of genre")
    said = {line[0]: line[1:] for line in table.lines}
    assert all(told.startswith("does not matter here: 0.200 at ") for told, _ in said.values())
    assert said["ξ"][1].startswith("decides: 0.400 at 0.1, 0.500 at 0.9 (0.100 ± 0.0")
    assert said["η"][1].startswith("not told apart from chance: ")
    assert {row["parameter"]: row["verdict"] for row in table.data if "CV" in row["objective"]}[XI] == "decides"


def test_a_seed_that_lacks_a_value_is_left_out_of_the_verdicts() -> None:
    whole, missing = curves(3), curves(3)[:-1]
    found, lost = (curve_effects(made(*runs), made(*runs).objectives[0]) for runs in (whole, missing))
    assert found[SIZE][1].means == pytest.approx((0.21, 0.211))
    assert lost[SIZE][1].means == pytest.approx((0.205, 0.206))
    assert lost[ETA][1].means == found[ETA][1].means


def test_one_seed_has_curves_and_no_verdict() -> None:
    (table,) = (block for block in document(*curves(1)).tables if block.name == "curve_verdicts")
    assert all(told.startswith("not tested: one seed: ") for line in table.lines for told in line[1:])


def test_what_stands_while_another_key_is_varied() -> None:
    found = made(*curves())
    assert standing(found, ETA) == 0.002
    assert standing(found, XI) == 0.01, "unset: the learning rate's value"
    assert standing(made(*(run for run in curves() if ETA in run.params)), ETA) is None


def test_scales() -> None:
    log, choices = Axis(low=1e-3, high=10, log=True), Axis(choices=("a", "b", "c"))
    assert positions(log, [1e-3, 1, 10]).tolist() == pytest.approx([-3, 0, 1])
    assert bounds(log) == pytest.approx((-3, 1))
    assert positions(choices, ["c", "a"]).tolist() == [2, 0]
    assert axis_of((0.1, 1, 10)).log
    assert not axis_of((0.0, 0.5, 1)).log
    assert axis_of(("free", "low_rank")).choices == ("free", "low_rank")
    assert axis_of((5,)).choices == (5,)
