"""Metrics of what lists show, against independent formulas; and metrics as plug-ins."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import entropy

from harness.base.errors import BadInput
from harness.domain.interactions import Test, Training
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged, TopK
from harness.evaluation.evaluate import evaluate
from harness.plugins.registry import Registry, registry
from harness.spec.build import build_spec
from harness.spec.options import ACCURACY, EvaluationOptions

N_USERS, N_ITEMS, LENGTH = 6, 9, 5

NOVELTY = """
import numpy as np

from harness.plugins import Metric


class Novelty(Metric):
    name = "{name}"
    summary = "self-information of what is listed"
    better = "higher"
    equation = "mean over listed items of −log2(their share of training interactions)"
    reference = "Zhou et al., PNAS 107(10), 2010"

    @staticmethod
    def of(top):
        shares = top.popularity / top.popularity.sum()
        return np.array([-np.log2(shares[row[row >= 0]]).mean() for row in top.items])
"""


@st.composite
def lists(draw: st.DrawFn) -> Judged:
    """Random lists, some of them short, and targets; training shows every item to user 0 alone."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    items = np.stack([rng.permutation(N_ITEMS)[:LENGTH] for _ in range(N_USERS)])
    for row, filled in enumerate(draw(hnp.arrays(np.int64, N_USERS, elements=st.integers(0, LENGTH)))):
        items[row, filled:] = NO_ITEM
    wanted = rng.random((N_USERS, N_ITEMS)) < 0.4
    wanted[:, 0] = True
    hits = np.take_along_axis(wanted, items, axis=1) & (items != NO_ITEM)
    target = Test(*np.nonzero(wanted), N_USERS, N_ITEMS)
    training = Training(np.zeros(N_ITEMS, dtype=np.int64), np.arange(N_ITEMS), N_USERS, N_ITEMS)
    return Judged(Ranking(np.arange(N_USERS), items, hits, wanted.sum(axis=1)), target, [training])


def value(name: str, top: TopK) -> float:
    return registry.get("metric", name).of(top)


@settings(max_examples=60, deadline=None)
@given(lists(), st.integers(1, LENGTH))
def test_exposure_agrees_with_counting(judged: Judged, k: int) -> None:
    top = judged.at(k)
    listed = [item for row in judged.ranking.items[:, :k].tolist() for item in row if item >= 0]
    counts = np.array([listed.count(item) for item in range(N_ITEMS)])
    np.testing.assert_array_equal(top.exposure, counts)
    assert value("coverage", top) == pytest.approx(len(set(listed)) / N_ITEMS)
    if listed:
        differences = np.abs(counts[:, None] - counts[None, :]).sum()
        assert value("exposure_gini", top) == pytest.approx(differences / (2 * N_ITEMS**2 * counts.mean()))
        assert value("exposure_entropy", top) == pytest.approx(entropy(counts, base=N_ITEMS))
        assert value("average_popularity", top) == 1, "every item has one training interaction"
    else:
        assert all(np.isnan(value(name, top)) for name in ("exposure_gini", "exposure_entropy", "average_popularity"))


@settings(max_examples=60, deadline=None)
@given(lists(), st.integers(1, LENGTH))
def test_shared_counts_are_those_of_the_cut_list(judged: Judged, k: int) -> None:
    top, items, hits = judged.at(k), judged.ranking.items[:, :k], judged.ranking.hits[:, :k]
    weights = np.broadcast_to(1 / np.log2(np.arange(2, k + 2)), items.shape)
    for item in range(N_ITEMS):
        assert top.discounted_exposure[item] == pytest.approx(weights[items == item].sum())
        assert top.hits_by_item[item] == (hits & (items == item)).sum()
        assert top.gains_by_item[item] == pytest.approx(weights[hits & (items == item)].sum())
    np.testing.assert_array_equal(top.hit_counts, hits.sum(axis=1))
    np.testing.assert_allclose(top.discounted_hits, (hits * weights).sum(axis=1))
    np.testing.assert_array_equal(judged.candidates, np.full(N_ITEMS, N_USERS - 1))


def test_equal_exposure_has_the_largest_entropy_and_one_item_none() -> None:
    def of(items: list[list[int]]) -> float:
        table = np.array(items)
        target = Test(np.arange(len(table)), np.zeros(len(table), dtype=np.int64), len(table), 4)
        ranking = Ranking(np.arange(len(table)), table, table == 0, np.ones(len(table), dtype=np.int64))
        return value("exposure_entropy", Judged(ranking, target).at(table.shape[1]))

    assert of([[0, 1], [2, 3]]) == pytest.approx(1)
    assert of([[2], [2]]) == 0
    assert of([[0, 1], [0, 1]]) == pytest.approx(1 / 2)


# --- plug-ins --------------------------------------------------------------------------------------------------------


def test_tables_begin_with_accuracy_and_leave_out_nothing() -> None:
    metrics = EvaluationOptions().metrics
    assert metrics[: len(ACCURACY)] == ACCURACY
    asked_for = {name for name in registry.names("metric") if registry.get("metric", name).on_request}
    assert sorted({*metrics, *asked_for}) == registry.names("metric")
    assert not asked_for & set(metrics), "computed only where a spec names them"


def test_default_stands_for_what_is_computed_where_nothing_is_said() -> None:
    defaults = EvaluationOptions().metrics
    assert EvaluationOptions(metrics=("default", "aplt")).metrics == (*defaults, "aplt")
    assert EvaluationOptions(metrics=("aplt", "default", "MRR")).metrics == ("aplt", *defaults)


def test_what_a_run_computes_by_default_is_what_it_was() -> None:
    """Their names are part of a spec's hash: a metric that comes later waits for a request."""
    others = ("average_popularity", "coverage", "exposure_entropy", "exposure_gini")
    assert EvaluationOptions().metrics == (*ACCURACY, *others)


def test_an_unknown_metric_gets_the_nearest() -> None:
    with pytest.raises(BadInput, match="unknown metric 'recal': did you mean 'recall'"):
        build_spec({"evaluation": {"metrics": ["recal"]}})


def test_only_the_metrics_asked_for_are_computed() -> None:
    table, target = torch.rand(3, 4), Test(np.arange(3), np.zeros(3, dtype=np.int64), 3, 4)
    options = EvaluationOptions(ks=(2,), headline_k=2, metrics=("mrr", "Coverage"))
    found = evaluate(lambda users: table[users], target, [], [], options)
    assert [*map(str, found.metrics)] == ["mrr_at_2", "coverage_at_2"]


def test_a_metric_in_a_users_file_is_reported(tmp_path: Path, fresh_registry: Registry) -> None:
    file = tmp_path / "novelty.py"
    file.write_text(NOVELTY.format(name="novelty"))
    assert fresh_registry.add_file(file) == ["metric novelty"]
    training = Training(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), 3, 3)
    target = Test(np.array([1, 2]), np.array([2, 1]), 3, 3)
    scores = torch.tensor([3.0, 2.0, 1.0])
    options = EvaluationOptions(ks=(1,), headline_k=1)
    assert "novelty" in options.metrics
    found = evaluate(lambda users: scores.expand(len(users), -1), target, [training], [], options)
    assert found.ranking.items.tolist() == [[2], [0]]
    assert found.metrics[MetricKey("novelty", 1)] == pytest.approx((2 + 1) / 2)
