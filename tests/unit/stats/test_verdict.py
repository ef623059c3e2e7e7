"""Relative changes against closed forms and Monte Carlo coverage; every branch of a verdict."""

from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from harness.stats.ratio import RelativeChange, relative_change
from harness.stats.verdict import Verdict, interval_text, signed, verdict

values = st.lists(st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)), min_size=2, max_size=8)


def test_a_constant_baseline_leaves_the_t_interval_of_the_difference() -> None:
    """With s_aa = s_ad = 0 Fieller's interval is that of d̄ divided by the constant."""
    a, b = np.full(5, 0.4), np.array([0.36, 0.35, 0.38, 0.33, 0.37])
    found = relative_change(a, b)
    interval = stats.ttest_rel(b, a).confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low / 0.4, interval.high / 0.4))
    assert found.change == pytest.approx(b.mean() / 0.4 - 1)
    assert found.p == pytest.approx(stats.ttest_rel(a, b).pvalue)


@given(values)
@example([(1.0, 1.0), (0.75, 0.75), (0.75, 0.75)])
@example([(1.0, 0.3), (0.5, 0.15), (0.7, 0.21)])
def test_the_ends_are_what_a_paired_test_just_rejects(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    found = relative_change(a, b)
    if not np.isfinite([found.low, found.high]).all() or np.ptp(a) < 1e-3 or np.ptp(b) < 1e-3:
        return
    if np.ptp(b / a) < 1e-9:  # the same share of each: nothing is left to chance
        assert (found.low, found.high) == pytest.approx((found.change, found.change), abs=1e-6)
        return
    for end in (found.low, found.high):
        residual = b - (1 + end) * a
        t = residual.mean() / (residual.std(ddof=1) / np.sqrt(len(a)))
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, len(a) - 1), rel=1e-4)


@given(values)
def test_it_excludes_0_exactly_where_the_paired_test_is_significant(pairs: list[tuple[float, float]]) -> None:
    found = relative_change(*np.array(pairs).T)
    if abs(found.p - 0.05) > 1e-6:
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05 and found.low != -inf)


def test_it_covers_the_true_ratio_as_often_as_it_says() -> None:
    stream, covered, repeats = np.random.default_rng(1), 0, 2000
    for _ in range(repeats):
        common = stream.normal(size=5)
        a, b = 1 + 0.1 * common + 0.05 * stream.normal(size=5), 0.9 + 0.1 * common + 0.05 * stream.normal(size=5)
        found = relative_change(a, b)
        covered += found.low <= -0.1 <= found.high
    assert covered / repeats == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / repeats))


def test_degenerate_samples() -> None:
    same = relative_change([0.21, 0.2, 0.22], [0.21, 0.2, 0.22])
    assert (same.change, same.low, same.high, same.p) == (0, 0, 0, 1)
    one = relative_change([0.2], [0.1])
    assert one.change == pytest.approx(-0.5)
    assert isnan(one.low)
    assert isnan(one.p)
    assert isnan(relative_change([0.0, 0.0], [0.1, 0.2]).change)
    unbounded = relative_change([0.0, 1.0], [0.5, 0.7])
    assert (unbounded.low, unbounded.high) == (-inf, inf)
    with pytest.raises(ValueError, match="0 or above"):
        relative_change([-0.1, 0.2], [0.1, 0.2])


def change(low: float, high: float, n: int = 5) -> RelativeChange:
    return RelativeChange((low + high) / 2, low, high, 0.01, n)


DOWN, UP, WITHIN = change(-0.12, -0.06), change(0.05, 0.09), change(-0.03, 0.05)


@pytest.mark.parametrize(
    ("found", "p", "better", "accuracy", "comparable", "expected"),
    [
        (DOWN, 0.02, "lower", None, None, Verdict("reproduced")),
        (UP, 0.05, "higher", None, None, Verdict("reproduced")),
        (UP, 0.02, "lower", None, None, Verdict("not reproduced", "the other way")),
        (DOWN, 0.02, "higher", None, None, Verdict("not reproduced", "the other way")),
        (WITHIN, 0.4, "lower", None, None,
         Verdict("not reproduced", "no significant difference: interval −3.0 … +5.0 %")),
        (DOWN, 0.0501, "lower", None, None,
         Verdict("not reproduced", "not significant among all claims: interval −12.0 … −6.0 %")),
        (DOWN, nan, "lower", None, None,
         Verdict("not reproduced", "not significant among all claims: interval −12.0 … −6.0 %")),
        (DOWN, 0.02, "lower", change(-0.01, 0.02), 0.02, Verdict("reproduced", "NDCG −1.0 … +2.0 %")),
        (DOWN, 0.02, "lower", change(-0.06, -0.03), 0.02,
         Verdict("not reproduced", "accuracy fell by more than 2 %: NDCG −6.0 … −3.0 %")),
        (DOWN, 0.02, "lower", change(-0.03, 0.0), 0.02,
         Verdict("not reproduced", "accuracy may have fallen by more than 2 %: NDCG −3.0 … 0.0 %")),
        (change(nan, nan, n=1), 0.02, "lower", None, None,
         Verdict("not testable here", "1 paired seed: at least 2 are needed")),
        (RelativeChange(nan, -inf, inf, 0.2, 3), 0.2, "lower", None, None,
         Verdict("not testable here", "relative to 0, no change has a size")),
    ],
)  # fmt: skip
def test_verdicts(found, p, better, accuracy, comparable, expected) -> None:  # type: ignore[no-untyped-def]
    assert verdict(found, p, better, accuracy, comparable) == expected


def test_comparable_needs_accuracy() -> None:
    with pytest.raises(ValueError, match="accuracy"):
        verdict(DOWN, 0.02, "lower", comparable=0.02)


def test_how_changes_are_written() -> None:
    assert [signed(share) for share in (-0.0888, 0.0674, 0.0001, -0.0001)] == ["−8.9", "+6.7", "0.0", "0.0"]
    assert interval_text(RelativeChange(0.1, -inf, inf, 0.3, 3)) == "without bounds"
    assert interval_text(RelativeChange(0.1, nan, nan, nan, 1)) == "none"
