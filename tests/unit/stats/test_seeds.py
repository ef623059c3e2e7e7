"""Intervals and tests over seeds, against scipy and statsmodels, at their edges and by simulation."""

from itertools import combinations
from math import inf, isnan, sqrt

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from harness.stats.family import benjamini_hochberg, holm
from harness.stats.interval import mean_interval
from harness.stats.paired import paired_test

FIRST = [0.279, 0.271, 0.288, 0.265, 0.291]
SECOND = [0.278, 0.275, 0.281, 0.259, 0.284]

p_value = st.floats(0, 1)
number = st.floats(-1e3, 1e3).map(lambda value: round(value, 3))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_t_interval_is_that_of_scipy_and_statsmodels(confidence: float) -> None:
    found = mean_interval(FIRST, confidence)
    expected = scipy.stats.t.interval(confidence, 4, np.mean(FIRST), scipy.stats.sem(FIRST))
    assert (found.low, found.high) == pytest.approx(expected)
    assert (found.low, found.high) == pytest.approx(DescrStatsW(FIRST).tconfint_mean(1 - confidence))
    assert (found.mean, found.deviation, found.n) == pytest.approx((np.mean(FIRST), np.std(FIRST, ddof=1), 5))


def test_one_value_has_a_mean_and_no_interval() -> None:
    found = mean_interval([0.3])
    assert found.mean == 0.3
    assert all(isnan(value) for value in (found.low, found.high, found.deviation))


def test_equal_values_have_an_interval_of_length_zero() -> None:
    found = mean_interval([0.1, 0.1, 0.1])
    assert (found.low, found.high, found.deviation) == (found.mean, found.mean, 0)


@pytest.mark.parametrize("values", [[], [0.1, np.nan], [np.inf], [[0.1, 0.2]]])
def test_what_is_not_a_sample_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="values: "):
        mean_interval(values)


@pytest.mark.parametrize("n", [3, 5])
def test_the_t_interval_covers_as_often_as_it_says(n: int) -> None:
    stream, repetitions, confidence = np.random.default_rng(1), 4000, 0.9
    intervals = [mean_interval(row, confidence) for row in stream.normal(2.0, 3.0, size=(repetitions, n))]
    covered = np.mean([interval.low <= 2.0 <= interval.high for interval in intervals])
    assert abs(covered - confidence) < 4 * sqrt(confidence * (1 - confidence) / repetitions)


def test_the_paired_test_is_that_of_scipy() -> None:
    found, expected = paired_test(FIRST, SECOND), scipy.stats.ttest_rel(SECOND, FIRST)
    assert (found.t, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    interval = expected.confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx((interval.low, interval.high))
    differences = np.subtract(SECOND, FIRST)
    assert found.effect == pytest.approx(differences.mean() / differences.std(ddof=1))


@given(st.lists(st.tuples(number, number), min_size=2, max_size=8))
def test_swapping_the_two_methods_turns_the_sign_and_nothing_else(pairs: list[tuple[float, float]]) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    there, back = paired_test(first, second), paired_test(second, first)
    assert back.p == pytest.approx(there.p)
    assert (back.t, back.effect) == pytest.approx((-there.t, -there.effect))
    assert (back.difference.low, back.difference.high) == pytest.approx((-there.difference.high, -there.difference.low))


def test_one_pair_says_nothing() -> None:
    found = paired_test([0.3], [0.4])
    assert found.difference.mean == pytest.approx(0.1)
    assert isnan(found.t)
    assert isnan(found.p)
    assert isnan(found.effect)


def test_methods_that_agree_everywhere_do_not_differ() -> None:
    found = paired_test(FIRST, FIRST)
    assert (found.t, found.p, found.effect) == (0, 1, 0)


def test_the_same_difference_everywhere_is_beyond_doubt() -> None:
    found = paired_test([4.0, 2.0, 1.0], [3.0, 1.0, 0.0])
    assert (found.t, found.p, found.effect) == (-inf, 0, -inf)


def test_samples_that_are_not_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs are needed, not 5 values and 4"):
        paired_test(FIRST, SECOND[1:])


def test_the_paired_test_rejects_true_hypotheses_as_often_as_it_says() -> None:
    stream, repetitions = np.random.default_rng(2), 3000
    shared = stream.normal(size=(repetitions, 5))
    first, second = shared + stream.normal(size=(2, repetitions, 5))
    rejected = np.mean([paired_test(a, b).p <= 0.05 for a, b in zip(first, second, strict=True)])
    assert abs(rejected - 0.05) < 4 * sqrt(0.05 * 0.95 / repetitions)


@pytest.mark.parametrize("m", [1, 2, 5, 12])
def test_holm_is_that_of_statsmodels(m: int) -> None:
    p_values = np.random.default_rng(m).random(m).round(1) / 4  # with ties
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


@given(st.lists(p_value, min_size=1, max_size=6), st.floats(0.001, 0.5))
def test_holm_is_the_closed_test_of_bonferroni(p_values: list[float], level: float) -> None:
    """A hypothesis is rejected where every intersection that contains it is, at the level over its size."""
    p, m = np.array(p_values), len(p_values)
    subsets = [subset for size in range(1, m + 1) for subset in combinations(range(m), size)]
    for i in range(m):
        closed = max(min(1.0, len(subset) * p[list(subset)].min()) for subset in subsets if i in subset)
        assert (holm(p)[i] <= level) == (closed <= level)


def test_holm_keeps_the_order_given_and_treats_ties_alike() -> None:
    np.testing.assert_allclose(holm([0.04, 0.01, 0.01]), [0.04, 0.03, 0.03])
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).size == 0


def test_what_could_not_be_tested_still_counts_in_the_family() -> None:
    np.testing.assert_allclose(holm([0.01, np.nan, 0.02]), [0.03, np.nan, 0.04])
    np.testing.assert_allclose(benjamini_hochberg([0.01, np.nan, 0.02]), [0.03, np.nan, 0.03])


@pytest.mark.parametrize("m", [1, 2, 5, 12])
def test_benjamini_and_hochberg_are_those_of_statsmodels(m: int) -> None:
    p_values = np.random.default_rng(m).random(m).round(1) / 4  # with ties
    np.testing.assert_allclose(benjamini_hochberg(p_values), multipletests(p_values, method="fdr_bh")[1])


@given(st.lists(p_value, min_size=1, max_size=9), st.floats(0.001, 0.5))
def test_the_false_discovery_rate_rejects_up_to_the_last_one_below_the_line(p: list[float], level: float) -> None:
    """The step-up procedure as Benjamini and Hochberg write it: the largest i with p₍ᵢ₎ ≤ i·q/m, and all before it."""
    ascending = sorted(p)
    below = [i for i, value in enumerate(ascending, start=1) if value * (len(p) / i) <= level]
    rejected = benjamini_hochberg(p) <= level
    assert rejected.sum() == (sum(value <= ascending[max(below) - 1] for value in p) if below else 0)
    assert (benjamini_hochberg(p) <= holm(p)).all()


@pytest.mark.parametrize("p_values", [[1.1], [-0.1, 0.5], [[0.1]]])
def test_what_are_not_p_values_are_refused(p_values: list[float]) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        holm(p_values)
    with pytest.raises(ValueError, match="from 0 to 1"):
        benjamini_hochberg(p_values)
