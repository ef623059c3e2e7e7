"""FA*IR's tables against published ones, and the correction against all lists there are."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from harness.stats.ranked_group_fairness import corrected_fewest_protected, failing, fewest_protected

PUBLISHED = {
    0.1: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    0.2: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    0.3: [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2],
    0.4: [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3],
    0.5: [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4],
    0.6: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    0.7: [0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6],
}
"""Zehlike et al. 2017, Table 2: α = 0.1, lists of 1 to 12 places."""


@pytest.mark.parametrize("p", PUBLISHED)
def test_the_paper_s_table(p: float) -> None:
    assert fewest_protected(12, p, 0.1).tolist() == PUBLISHED[p]


@pytest.mark.parametrize(
    ("k", "p", "alpha", "changes", "probability"),
    [
        (10, 0.2, 0.15, [9], 0.13421772800000065),
        (20, 0.25, 0.1, [9, 16], 0.10515247355215251),
        (30, 0.3, 0.05, [11, 17, 22, 26], 0.04877730797178359),
    ],
)
def test_corrected_tables_of_the_authors_library(
    k: int, p: float, alpha: float, changes: list[int], probability: float
) -> None:
    """fairsearchcore's own tests: the places at which one more is asked for, and how often a fair list fails."""
    table = corrected_fewest_protected(k, p, alpha)
    assert table.tolist() == [sum(place >= change for change in changes) for place in range(1, k + 1)]
    assert failing(table, p) == pytest.approx(probability)


@pytest.mark.parametrize("p", [0.0, 0.15, 0.5, 0.9, 1.0])
def test_quantiles(p: float) -> None:
    places = np.arange(1, 41)
    assert fewest_protected(40, p, 0.07).tolist() == binom.ppf(0.07, places, p).tolist()


@pytest.mark.parametrize("p", [0.3, 0.5, 0.8])
def test_the_probability_of_failing_is_that_of_all_lists_that_do(p: float) -> None:
    table = fewest_protected(9, p, 0.2)
    lists = np.array(list(product([0, 1], repeat=9)))
    fails = (lists.cumsum(axis=1) < table).any(axis=1)
    assert failing(table, p) == pytest.approx((p ** lists.sum(1) * (1 - p) ** (9 - lists.sum(1)))[fails].sum())


@pytest.mark.parametrize("p", [0.1, 0.4, 0.6, 0.85])
@pytest.mark.parametrize("k", [1, 7, 25])
def test_no_other_table_fails_with_a_probability_nearer_to_alpha(k: int, p: float) -> None:
    alpha = 0.1
    found = abs(failing(corrected_fewest_protected(k, p, alpha), p) - alpha)
    others = [fewest_protected(k, p, level) for level in np.linspace(1e-9, alpha, 2000)]
    assert found <= min(abs(failing(table, p) - alpha) for table in others) + 1e-12
