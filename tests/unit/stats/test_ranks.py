"""Ranges of ranks: against pairwise tests by scipy and Holm's correction by statsmodels, and what must hold of any."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import ttest_rel
from statsmodels.stats.multitest import multipletests

from harness.stats.ranks import RankRange, rank_ranges


def by_seed(rows: np.ndarray) -> list[dict[int, float]]:
    return [dict(enumerate(map(float, row))) for row in rows]


@pytest.mark.parametrize("seed", range(5))
def test_they_are_what_the_definition_says_with_other_libraries(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(6, 5)) + rng.normal(scale=4, size=(6, 1))
    pairs = list(combinations(range(6), 2))
    p = [ttest_rel(rows[i], rows[j]).pvalue for i, j in pairs]
    told = multipletests(p, 0.05, method="holm")[0]
    lower = np.zeros((6, 6), bool)  # (i, j): i is significantly lower than j
    for (i, j), significant in zip(pairs, told, strict=True):
        if significant:
            first, second = (i, j) if rows[i].mean() < rows[j].mean() else (j, i)
            lower[first, second] = True
    assert lower.any()
    expected = [RankRange(1 + int(lower[:, i].sum()), 6 - int(lower[i].sum())) for i in range(6)]
    assert rank_ranges(by_seed(rows), "lower") == expected
    assert rank_ranges(by_seed(-rows), "higher") == expected


def test_the_rank_of_the_means_is_always_within() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = rng.normal(size=(5, 4)) + rng.normal(scale=rng.choice([0.1, 1, 10]), size=(5, 1))
        ranks = rows.mean(axis=1).argsort().argsort() + 1
        for rank, found in zip(ranks, rank_ranges(by_seed(rows), "lower"), strict=True):
            assert 1 <= found.best <= rank <= found.worst <= 5


def test_true_ranks_are_outside_in_no_more_than_a_twentieth_of_all_tables() -> None:
    rng, tables, missed = np.random.default_rng(1), 400, 0
    truth = np.array([0.0, 0.0, 1.0, 3.0])  # the first two share the best rank: either is right for both
    for _ in range(tables):
        found = rank_ranges(by_seed(truth[:, None] + rng.normal(size=(4, 5))), "lower")
        allowed = [(1, 2), (1, 2), (3, 3), (4, 4)]
        missed += any(one.worst < low or one.best > high for one, (low, high) in zip(found, allowed, strict=True))
    assert missed / tables < 0.05 + 2 * (0.05 * 0.95 / tables) ** 0.5


def test_what_cannot_be_told_apart_shares_all_ranks() -> None:
    assert rank_ranges([{0: 1.0, 1: 2.0}, {0: 1.0, 1: 2.0}], "lower") == [RankRange(1, 2)] * 2
    assert rank_ranges([{0: 1.0}, {0: 9.0}], "lower") == [RankRange(1, 2)] * 2, "one seed tells nothing"
    assert rank_ranges([{0: 1.0, 1: 1.1}, {2: 9.0, 3: 9.1}], "lower") == [RankRange(1, 2)] * 2, "no shared seed"
    assert rank_ranges([{0: 1.0}], "lower") == [RankRange(1, 1)]
    assert rank_ranges([], "lower") == []


def test_a_metric_that_is_better_neither_way_excludes_no_rank() -> None:
    rows = by_seed(np.array([[0.0, 0.1, 0.0], [9.0, 9.0, 9.1]]))
    assert rank_ranges(rows, "lower") == [RankRange(1, 1), RankRange(2, 2)]
    assert rank_ranges(rows, "neither") == [RankRange(1, 2)] * 2


def test_pairs_that_cannot_be_tested_count_in_the_family() -> None:
    two = by_seed(np.array([[0.0, 0.0, 0.0, 0.0, 0.0], [1.0, 1.5, 0.5, 1.0, 2.0]]))
    p = float(ttest_rel(*(list(one.values()) for one in two)).pvalue)
    assert 0.05 / 6 < p < 0.05
    assert rank_ranges(two, "lower") == [RankRange(1, 1), RankRange(2, 2)]
    assert rank_ranges([*two, {9: 0.0}, {8: 0.0}], "lower") == [RankRange(1, 4)] * 4
