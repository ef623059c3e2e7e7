"""Tests over users: against every permutation, independent formulas, and what must hold at the edges."""

from itertools import product
from math import isnan

import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test, ttest_rel

from harness.stats.user_tests import user_tests


def test_the_permutation_is_the_share_of_all_sign_patterns() -> None:
    change = np.array([0.3, -0.1, 0.25, 0.4, 0.05, -0.2, 0.15, 0.5])
    exact = np.mean([abs(np.dot(signs, change)) >= abs(change.sum()) - 1e-12 for signs in product((1, -1), repeat=8)])
    found = user_tests(np.zeros(8), change, resamples=200_000)
    assert found.permutation == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 200_000))


def test_it_agrees_with_other_ways_of_computing_it() -> None:
    generator = np.random.default_rng(5)
    first = generator.random(300)
    second = first + generator.normal(0.02, 0.15, 300)
    found = user_tests(first, second)
    assert found.t == pytest.approx(ttest_rel(second, first).pvalue)
    theirs = permutation_test(
        (second - first,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(1)
    ).pvalue
    assert found.permutation == pytest.approx(theirs, abs=0.02)
    assert found.difference == pytest.approx(float(np.mean(second - first)))


def test_equal_steps_make_the_ranks_a_sign_test() -> None:
    """All |d| equal: the ranks are tied, so the signed-rank sum is a count of signs; p by the normal approximation."""
    change = np.repeat([1.0, -1.0], [70, 30])
    found = user_tests(np.zeros(100), change)
    assert found.wilcoxon == pytest.approx(binomtest(70, 100).pvalue, rel=0.3)


def test_a_few_users_with_large_changes_count_in_means_and_not_in_ranks() -> None:
    small = np.linspace(0.01, 0.02, 50)
    found = user_tests(np.zeros(103), np.concatenate([small, -small, [5.0] * 3]))
    assert found.t < 0.1
    assert found.wilcoxon > 0.3


def test_the_order_of_the_two_changes_only_the_sign() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.random((2, 50))
    one, other = user_tests(first, second), user_tests(second, first)
    assert one.difference == -other.difference
    assert (one.t, one.wilcoxon, one.permutation) == pytest.approx((other.t, other.wilcoxon, other.permutation))


def test_users_served_alike_change_no_permutation() -> None:
    change = np.random.default_rng(2).normal(0.1, 1, 40)
    with_others = user_tests(np.zeros(90), np.concatenate([change, np.zeros(50)]))
    assert (with_others.n, with_others.differ) == (90, 40)
    assert with_others.permutation == user_tests(np.zeros(40), change).permutation


def test_by_chance_alone_one_in_twenty_is_below_a_twentieth() -> None:
    generator = np.random.default_rng(11)
    found = [user_tests(*generator.random((2, 30)), resamples=999, seed=number) for number in range(400)]
    for name in ("t", "wilcoxon", "permutation"):
        share = np.mean([getattr(one, name) <= 0.05 for one in found])
        assert binomtest(round(share * 400), 400, 0.05).pvalue > 1e-3, name


def test_no_difference_is_none_and_one_user_says_nothing() -> None:
    same = user_tests([0.5, 0.25], [0.5, 0.25])
    assert (same.t, same.wilcoxon, same.permutation, same.differ) == (1.0, 1.0, 1.0, 0)
    one = user_tests([0.5], [0.75])
    assert all(map(isnan, (one.t, one.wilcoxon, one.permutation)))
    assert user_tests([0.0] * 9, [0.5] * 9).t == 0.0


@pytest.mark.parametrize(("first", "second"), [([], []), ([1.0], [1.0, 2.0]), ([np.nan, 1.0], [1.0, 2.0])])
def test_what_is_no_pair_is_refused(first: list[float], second: list[float]) -> None:
    with pytest.raises(ValueError, match=r"first|pairs"):
        user_tests(first, second)
