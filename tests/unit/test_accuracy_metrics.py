"""Accuracy metrics against trec_eval (through ir-measures), and by hand."""

import ir_measures
import numpy as np
import pandas as pd
import pytest

from harness.metrics.accuracy import ACCURACY
from harness.metrics.keys import at

TREC = {
    "recall": "R",
    "ndcg": "nDCG",
    "precision": "P",
    "hit_rate": "Success",
    "mrr": "RR",
    "map": "AP",
}
N_USERS, N_ITEMS, DEPTH = 40, 60, 25


@pytest.fixture(scope="module")
def lists() -> tuple[np.ndarray, list[np.ndarray]]:
    """Top lists of 40 users and their targets: one target, few, more than any cut-off, and none in the list."""
    rng = np.random.default_rng(7)
    items = np.stack([rng.permutation(N_ITEMS)[:DEPTH] for _ in range(N_USERS)])
    sizes = [1, 2, 3, 5, 30, 55] * 6 + [1, 4, 10, 20]
    targets = [rng.choice(N_ITEMS, size, replace=False) for size in sizes]
    targets[0] = np.setdiff1d(np.arange(N_ITEMS), items[0])[:3]
    return items, targets


def _hits(items: np.ndarray, targets: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    hits = np.stack([np.isin(row, wanted) for row, wanted in zip(items, targets, strict=True)])
    return hits, np.array([len(wanted) for wanted in targets])


@pytest.mark.parametrize("k", [1, 5, 10, 20])
@pytest.mark.parametrize("name", sorted(ACCURACY))
def test_every_user_agrees_with_trec_eval(name: str, k: int, lists: tuple[np.ndarray, list[np.ndarray]]) -> None:
    items, targets = lists
    qrels = pd.DataFrame(
        [(str(u), str(i), 1) for u, wanted in enumerate(targets) for i in wanted],
        columns=["query_id", "doc_id", "relevance"],
    )
    run = pd.DataFrame(
        [(str(u), str(i), float(DEPTH - r)) for u, row in enumerate(items) for r, i in enumerate(row)],
        columns=["query_id", "doc_id", "score"],
    )
    measure = ir_measures.parse_measure(f"{TREC[name]}@{k}")
    expected = {int(found.query_id): found.value for found in ir_measures.iter_calc([measure], qrels, run)}
    ours = ACCURACY[name].per_user(*_hits(items, targets), k)
    assert ours.shape == (N_USERS,)
    np.testing.assert_allclose(ours, [expected[u] for u in range(N_USERS)], atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recall", 2 / 3),
        ("precision", 2 / 4),
        ("hit_rate", 1.0),
        ("mrr", 1 / 2),
        ("map", (1 / 2 + 2 / 4) / 3),
        ("ndcg", (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3) + 1 / np.log2(4))),
    ],
)
def test_by_hand(name: str, expected: float) -> None:
    hits = np.array([[False, True, False, True, True]])
    assert ACCURACY[name].per_user(hits, np.array([3]), 4) == pytest.approx([expected])


@pytest.mark.parametrize("name", sorted(set(ACCURACY) - {"precision"}))
def test_a_perfect_list_is_worth_one_even_with_few_targets(name: str) -> None:
    hits = np.array([[True, True, False, False, False]])
    assert ACCURACY[name].per_user(hits, np.array([2]), 5) == pytest.approx([1.0])


@pytest.mark.parametrize("metric", ACCURACY.values(), ids=list(ACCURACY))
def test_every_metric_is_described(metric: object) -> None:
    assert metric.direction in ("higher", "lower")
    assert metric.equation
    assert metric.reference
    assert ACCURACY[metric.name] is metric


def test_keys_name_the_cutoff() -> None:
    assert at("recall", 20) == "recall_at_20"
