"""Accuracy metrics against trec_eval (through ir-measures), and by hand."""

import ir_measures
import numpy as np
import pandas as pd
import pytest

from harness.domain.interactions import Test
from harness.domain.ranking import Ranking
from harness.domain.top_k import Judged, TopK
from harness.plugins import Metric
from harness.plugins.registry import registry

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


def judged(items: np.ndarray, targets: list[np.ndarray]) -> Judged:
    """Lists of items, shape (u, K), and each user's targets."""
    hits = np.stack([np.isin(row, wanted) for row, wanted in zip(items, targets, strict=True)])
    sizes = np.array([len(wanted) for wanted in targets])
    users = np.arange(len(items))
    n_items = int(max(items.max(), max(int(wanted.max()) for wanted in targets))) + 1
    target = Test(np.repeat(users, sizes), np.concatenate([np.sort(wanted) for wanted in targets]), len(users), n_items)
    return Judged(Ranking(users, items, hits, sizes), target)


def one_list(hits: list[bool], n_relevant: int, k: int) -> TopK:
    """A user's list, by what is a hit; targets beyond the hits are not listed."""
    length = len(hits)
    wanted = [*np.flatnonzero(hits), *range(length, length + n_relevant - sum(hits))]
    return judged(np.arange(length)[None], [np.array(wanted)]).at(k)


def metric(name: str) -> type[Metric]:
    return registry.get("metric", name)


@pytest.mark.parametrize("k", [1, 5, 10, 20])
@pytest.mark.parametrize("name", sorted(TREC))
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
    ours = metric(name).of(judged(items, targets).at(k))
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
    found = metric(name).of(one_list([False, True, False, True, True], 3, 4))
    assert found == pytest.approx([expected])


@pytest.mark.parametrize("name", sorted(set(TREC) - {"precision"}))
def test_a_perfect_list_is_worth_one_even_with_few_targets(name: str) -> None:
    assert metric(name).of(one_list([True, True, False, False, False], 2, 5)) == pytest.approx([1.0])


@pytest.mark.parametrize("name", registry.names("metric"))
def test_every_metric_is_described(name: str) -> None:
    found = metric(name)
    assert found.better in ("higher", "lower", "neither")
    assert found.equation
    assert found.reference
