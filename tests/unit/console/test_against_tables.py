"""What is said of a run beside its reference."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.console.against_tables import paired_bar, sentences
from harness.domain.metric_key import MetricKey
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.runs.against import Against

WIDTH = 20


def difference(first: float, second: float, excludes: bool = True) -> BootstrapDifference:
    size = abs(second - first)
    low, high = second - first - size / 2, second - first + size / 2
    return BootstrapDifference(first, second, second - first, low if excludes else -1, high if excludes else 1, 0, 100)


def against(ndcg: BootstrapDifference, cv: BootstrapDifference, worst: BootstrapDifference) -> Against:
    found = {MetricKey("ndcg", 20): ndcg, MetricKey("cv", 20, "genre"): cv, MetricKey("min25", 20, "genre"): worst}
    return Against("alpharec", "r", 20, "genre", found, {})


def test_what_has_been_gained_and_at_what_price() -> None:
    clear = against(difference(0.25, 0.24775), difference(0.444, 0.306), difference(0.1, 0.128))
    assert list(sentences(clear)) == [
        "fairer than alpharec by 31%: CV@20 of genre 0.444 → 0.306, NDCG -0.9%, worst quarter of the groups +28.0%"
    ]


def test_what_other_users_would_change_is_named() -> None:
    found = against(difference(0.25, 0.26, False), difference(0.3, 0.4), difference(0.1, 0.09, False))
    first, second = sentences(found)
    assert first.startswith("less fair than alpharec by 33%: CV@20 of genre 0.300 → 0.400, NDCG +4.0%")
    assert second == "no more than other users might change: NDCG, MIN"


def test_a_difference_that_other_users_might_turn_round_is_none() -> None:
    first, second = sentences(against(difference(0.25, 0.26), difference(0.3, 0.4, False), difference(0.1, 0.09)))
    assert first == (
        "not told apart from alpharec in fairness: CV@20 of genre 0.300 → 0.400, NDCG +4.0%, worst quarter of the "
        "groups -10.0%"
    )
    assert second == "no more than other users might change: CV"


@pytest.mark.parametrize("cv", [difference(0.3, 0.3), BootstrapDifference(nan, 0.3, nan, nan, nan, 9, 9)])
def test_no_difference_is_no_gain(cv: BootstrapDifference) -> None:
    first, second = sentences(against(difference(0.25, 0.26), cv, difference(0.0, 0.1)))
    assert first.startswith("not told apart from alpharec in fairness: ")
    assert "nan" not in first
    assert "CV" in second


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_bar_is_as_long_as_the_longer_one_and_full_as_far_as_both(first: float, second: float) -> None:
    top = max(first, second)
    bar = paired_bar(first, second, top, WIDTH)
    lengths = [round(WIDTH * value / top) if top else 0 for value in (first, second)]
    assert len(bar) == max(lengths)
    assert bar.count("█") == min(lengths)
    assert bar.count("▀") == max(0, lengths[0] - lengths[1])
    assert bar.count("▄") == max(0, lengths[1] - lengths[0])
