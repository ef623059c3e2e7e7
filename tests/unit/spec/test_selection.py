"""Which epoch is kept: made-up epochs, spellings of the rules, and a run that finds or trains its reference."""

from collections.abc import Sequence
from math import inf, nan
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.domain.metric_key import MetricKey
from harness.plugins import EpochReport
from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.spec.options import TrainingOptions
from harness.spec.reference import reference_of
from harness.spec.selection import NONE_QUALIFIES, Bar, Rule, parse
from harness.track.memory import MemoryTracker
from harness.training.fit import EarlyStopping, ValidationScore, fit

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

BAR = Bar(0.1, "alpharec", "run-1", 0.30)  # 0.27 qualifies
Made = tuple[float, float]
"""NDCG and CV of an epoch."""


def kept(epochs: Sequence[Made], bar: Bar | None = BAR, patience: int = 100) -> tuple[int, int]:
    """The epoch kept (from 1) and how many were trained."""
    stopping = EarlyStopping(patience)
    for ndcg, cv in epochs:
        stopping = stopping.after(ValidationScore(ndcg, {}, () if bar is None else bar.preference(ndcg, cv)))
        if stopping.exhausted:
            break
    return stopping.best_epoch, stopping.epoch


def test_the_fairest_of_those_that_qualify_is_kept() -> None:
    epochs = [(0.20, 0.01), (0.28, 0.40), (0.31, 0.50), (0.28, 0.30), (0.26, 0.10), (0.29, 0.35)]
    assert kept(epochs) == (4, 6)
    assert kept(epochs, bar=None) == (3, 6)


def test_where_none_qualifies_the_most_accurate_one_is_kept() -> None:
    assert kept([(0.20, 0.01), (0.26, 0.40), (0.25, 0.02)])[0] == 2


def test_an_epoch_at_the_bar_qualifies() -> None:
    exact = Bar(0.0, "alpharec", "run-1", 0.25)
    assert exact.reached(0.25)
    assert kept([(0.26, 0.5), (0.25, 0.4)], exact)[0] == 2


def test_ties_keep_the_earlier_epoch() -> None:
    assert kept([(0.28, 0.4), (0.30, 0.4), (0.28, 0.4)])[0] == 1


@pytest.mark.parametrize("undefined", [nan, inf])
def test_an_epoch_without_a_cv_qualifies_behind_all_others(undefined: float) -> None:
    assert kept([(0.30, undefined), (0.28, 5.0)])[0] == 2
    assert kept([(0.20, 0.1), (0.30, undefined)])[0] == 2


made = st.tuples(st.sampled_from([0.1, 0.2, 0.26, 0.27, 0.3, 0.31]), st.sampled_from([0.1, 0.2, 0.3, 0.4]))


@given(st.lists(made, min_size=1, max_size=30))
def test_the_rule_by_its_definition(epochs: list[Made]) -> None:
    qualifying = [(cv, number) for number, (ndcg, cv) in enumerate(epochs, 1) if ndcg >= BAR.required]
    accurate = max(range(1, len(epochs) + 1), key=lambda number: (epochs[number - 1][0], -number))
    assert kept(epochs)[0] == (min(qualifying)[1] if qualifying else accurate)


@given(st.lists(made, min_size=1, max_size=30), st.integers(1, 5))
def test_no_rule_stops_earlier_than_best_ndcg(epochs: list[Made], patience: int) -> None:
    assert kept(epochs, BAR, patience)[1] >= kept(epochs, None, patience)[1]


def test_what_gets_fairer_goes_on_and_what_gains_nothing_stops() -> None:
    fairer = [(0.30, 0.5 - 0.01 * epoch) for epoch in range(20)]
    assert kept(fairer, BAR, patience=3) == (20, 20)
    assert kept([(0.30, 0.5)] * 20, BAR, patience=3) == (1, 4)
    still_learning = [(0.28 + 0.001 * epoch, 0.1 + 0.01 * epoch) for epoch in range(20)]
    assert kept(still_learning, BAR, patience=3) == (1, 20)


def test_fit_leaves_the_method_in_the_epoch_that_the_rule_prefers() -> None:
    epochs = [(0.20, 0.01), (0.31, 0.5), (0.28, 0.2), (0.29, 0.3)]

    class Counting:
        name, iterative, epoch = "counting", True, 0

        def train_epoch(self) -> EpochReport:
            self.epoch += 1
            return EpochReport(loss=0.0)

        def state(self) -> dict[str, torch.Tensor]:
            return {"epoch": torch.tensor(self.epoch)}

        def restore(self, state: dict[str, torch.Tensor]) -> None:
            self.epoch = int(state["epoch"])

    def judge(method: Any) -> ValidationScore:
        ndcg, cv = epochs[method.epoch - 1]
        return ValidationScore(ndcg, {}, BAR.preference(ndcg, cv))

    method: Any = Counting()
    found = fit(method, judge, TrainingOptions(max_epochs=4), lambda epoch: None)
    assert (found.best_epoch, method.epoch) == (3, 3)
    assert [epoch.best for epoch in found.epochs] == [True, True, True, False]


@pytest.mark.parametrize(("text", "share"), [("best_ndcg", None), ("fair_within:0.02", 0.02), ("fair_within:0", 0.0)])
def test_rules_by_name(text: str, share: float | None) -> None:
    assert parse(text) == Rule(share)
    assert parse(str(parse(text))) == Rule(share)


def test_one_rule_has_one_spelling_and_so_one_hash() -> None:
    specs = [build_spec({"training": {"selection": text}}) for text in ("fair_within:0.02", "fair_within:2e-2")]
    assert specs[0].digest == specs[1].digest
    assert specs[1].training.selection == "fair_within:0.02"


@pytest.mark.parametrize("share", ["two", "", "2", "1", "-0.1", "nan", "inf", "5%"])
def test_a_share_that_is_none_is_one_line(share: str) -> None:
    with pytest.raises(BadInput, match=r"training\.selection: the share after .* two per cent is fair_within:0\.02"):
        build_spec({"training": {"selection": f"fair_within:{share}"}})


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("fair_withn:0.02", "did you mean 'fair_within:0.02'"),
        ("best-ndgc", "did you mean 'best_ndcg'"),
        ("cheapest", "choose from: best_ndcg, fair_within:0.02"),
    ],
)
def test_an_unknown_rule_is_one_line_with_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(BadInput, match=rf"training\.selection: unknown rule: {hint}"):
        build_spec({"training": {"selection": text}})


def test_the_reference_differs_in_nothing_but_the_method() -> None:
    asked = {"seed": 3, "data": {"core": 10}, "training": {"selection": "fair_within:0.02", "max_epochs": 7}}
    spec = build_spec({**asked, "method": "bifair", "config": {"eta": 0.5}, "rerank": "cpfair"})
    expected = build_spec({**asked, "method": "alpharec", "training": {"max_epochs": 7}})
    assert reference_of(spec).digest == expected.digest


SMALL = {
    "method": "itemknn",
    "evaluation": {"reference": "most_popular", "origins": False, "metrics": ["ndcg"]},
    "compute": {"threads": 1},
}


def asking(share: float) -> dict[str, Any]:
    return {**SMALL, "training": {"selection": f"fair_within:{share}"}}


def test_a_run_trains_its_reference_once_and_finds_it_afterwards(movielens: "Experiment") -> None:
    store = MemoryTracker()
    first = carry_out(build_spec(asking(0.1)), Context(store), experiment=movielens, touch_test=False)
    reference, asked = store.runs.values()
    assert reference.tags["method"] == "most_popular"
    assert reference.tags["evaluated"] == "validation"
    assert asked.tags["selection.reference"] == reference.id
    ndcg = reference.metrics["validation/ndcg_at_20"]
    assert first.metrics["selection/reference_ndcg_at_20"] == ndcg
    assert first.metrics["selection/required_ndcg_at_20"] == pytest.approx(0.9 * ndcg)
    assert NONE_QUALIFIES not in asked.tags
    carry_out(build_spec(asking(0.2)), Context(store), experiment=movielens, touch_test=False)
    assert [kept.tags["method"] for kept in store.runs.values()] == ["most_popular", "itemknn", "itemknn"]


def test_a_run_that_misses_the_bar_says_so_by_name(movielens: "Experiment") -> None:
    store = MemoryTracker()
    lowly = {**asking(0.02), "method": "random"}
    result = carry_out(build_spec(lowly), Context(store), experiment=movielens, touch_test=False)
    reason = store.runs[result.id].tags[NONE_QUALIFIES]
    assert reason.startswith("no epoch reaches validation NDCG@20")
    assert f"with {result.metrics['validation/ndcg_at_20']:.4f}" in reason


def test_the_cv_compared_is_that_of_the_grouping_trained_on(movielens: "Experiment") -> None:
    from harness.plugins.registry import registry
    from harness.training.validation import validator

    spec, device = build_spec(SMALL), torch.device("cpu")
    method = registry.get("method", "most_popular")(registry.get("method", "most_popular").Config())
    method.prepare(movielens.problem(spec, device))
    method.train_epoch()
    score = validator(spec, movielens.split, movielens.trained, device, Bar(0.5, "most_popular", "run-1", 0.0))(method)
    assert score.preference == (1.0, -score.metrics[MetricKey("cv", 20, "genre")])
