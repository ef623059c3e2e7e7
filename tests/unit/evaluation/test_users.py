"""Resampling users: totals are the metrics, resamples are by hand, intervals cover."""

from collections.abc import Callable
from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from harness.builtin.disparities.cv import CV
from harness.builtin.disparities.min25 import Min25
from harness.builtin.metrics.ndcg import NDCG
from harness.domain.interactions import Test
from harness.domain.membership import Membership
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged, TopK
from harness.evaluation.group_utilities import Utility, group_utilities
from harness.evaluation.user_bootstrap import paired_bootstrap
from harness.evaluation.user_outcomes import UserOutcomes, user_outcomes

N_USERS, N_ITEMS, K = 12, 9, 4
FAIRNESS: dict[str, Callable[..., float]] = {"cv": CV.of, "min25": Min25.of}


def lists(seed: int) -> TopK:
    """Random lists of the users that have something to find; some lists end early."""
    stream = np.random.default_rng(seed)
    wanted = np.random.default_rng(99).random((N_USERS, N_ITEMS)) < 0.3  # the same for every seed
    users, items = np.nonzero(wanted)
    ranked = np.flatnonzero(wanted.any(axis=1))
    ranking = np.argsort(stream.random((len(ranked), N_ITEMS)), axis=1)[:, :K]
    ranking[stream.random(len(ranked)) < 0.3, K - 1] = NO_ITEM
    hits = np.take_along_axis(wanted[ranked], np.maximum(ranking, 0), axis=1) & (ranking != NO_ITEM)
    target = Test(users, items, N_USERS, N_ITEMS)
    return Judged(Ranking(ranked, ranking, hits, wanted[ranked].sum(axis=1)), target).at(K - 1)


GENRES = Membership.from_labels(
    "genre", "item", [["a", "b"], ["a"], ["b"], ["c"], ["c", "a"], ["d"], ["d"], ["a"], ["b"]]
)
AGES = Membership.from_labels("age", "user", [["young" if user % 3 else "old"] for user in range(N_USERS)])
BOTH = Membership.two_sided("both", GENRES, AGES)


@pytest.mark.parametrize("utility", ["recall", "ndcg"])
@pytest.mark.parametrize("groups", [GENRES, AGES, BOTH], ids=lambda groups: groups.grouping)
def test_totals_over_all_users_are_the_metrics(groups: Membership, utility: Utility) -> None:
    top = lists(1)
    found = user_outcomes(top, groups, utility)
    means, utilities = found.totals(np.ones((1, len(top.users))))
    np.testing.assert_allclose(utilities[0], group_utilities(top, groups, utility).values)
    assert means[0] == pytest.approx(NDCG.of(top).mean())


@given(st.lists(st.integers(0, 2), min_size=11, max_size=11).filter(any))
def test_counting_a_user_twice_is_having_two_of_them(repeats: list[int]) -> None:
    top = lists(1)
    counts = np.resize(repeats, len(top.users))
    if not counts.any():
        return
    outcomes = user_outcomes(top, GENRES)
    drawn = np.repeat(np.arange(len(top.users)), counts)
    means, utilities = outcomes.totals(counts[None, :].astype(float))
    gained, wanted = outcomes.gained.toarray()[drawn].sum(axis=0), outcomes.wanted.toarray()[drawn].sum(axis=0)
    for group, value in enumerate(utilities[0]):
        assert isnan(value) if wanted[group] == 0 else value == pytest.approx(gained[group] / wanted[group])
    assert means[0] == pytest.approx(NDCG.of(top)[drawn].mean())


def test_the_interval_is_that_of_resampling_user_by_user() -> None:
    a, b = user_outcomes(lists(1), GENRES), user_outcomes(lists(2), GENRES)
    found = paired_bootstrap(a, b, FAIRNESS, resamples=300, confidence=0.9, seed=7)
    stream, n = np.random.default_rng(7), len(a.users)
    draws: dict[str, list[float]] = {name: [] for name in ("ndcg", *FAIRNESS)}
    for _ in range(300):
        chosen = stream.integers(n, size=n)
        per_run = []
        for run in (a, b):
            gained, wanted = run.gained.toarray()[chosen].sum(axis=0), run.wanted.toarray()[chosen].sum(axis=0)
            utilities = gained[wanted > 0] / wanted[wanted > 0]
            per_run.append([run.accuracy[chosen].mean(), CV.of(utilities), Min25.of(utilities)])
        for name, difference in zip(draws, np.subtract(per_run[1], per_run[0]), strict=True):
            draws[name].append(difference)
    for name, values in draws.items():
        low, high = np.nanpercentile(values, [5, 95])
        assert (found[name].low, found[name].high) == pytest.approx((low, high))
        assert found[name].undefined == np.isnan(values).sum()


def test_the_size_of_blocks_changes_nothing() -> None:
    a, b = user_outcomes(lists(1), GENRES), user_outcomes(lists(2), GENRES)
    at_once = paired_bootstrap(a, b, FAIRNESS, resamples=50)
    assert paired_bootstrap(a, b, FAIRNESS, resamples=50, block_numbers=3 * len(a.users)) == at_once


def test_a_run_does_not_differ_from_itself() -> None:
    outcomes = user_outcomes(lists(1), GENRES)
    for found in paired_bootstrap(outcomes, outcomes, FAIRNESS, resamples=50).values():
        assert (found.difference, found.low, found.high) == (0, 0, 0)
        assert not found.excludes_zero


def test_the_two_runs_change_places() -> None:
    a, b = user_outcomes(lists(1), GENRES), user_outcomes(lists(2), GENRES)
    there, back = paired_bootstrap(a, b, FAIRNESS, resamples=99), paired_bootstrap(b, a, FAIRNESS, resamples=99)
    for name, found in there.items():
        assert (back[name].low, back[name].high) == pytest.approx((-found.high, -found.low))


def test_undefined_values_are_counted() -> None:
    """Whoever has no hit at all has no CV; of two users, one of whom is served, a quarter of resamples lack him."""
    served = UserOutcomes(np.arange(2), np.array([1.0, 0.0]), csr_array([[1.0], [0.0]]), csr_array([[1.0], [1.0]]))
    found = paired_bootstrap(served, served, {"cv": CV.of}, resamples=4000)["cv"]
    assert found.undefined / found.resamples == pytest.approx(0.25, abs=0.03)
    nobody = UserOutcomes(np.arange(1), np.zeros(1), csr_array([[0.0]]), csr_array([[1.0]]))
    lost = paired_bootstrap(nobody, nobody, {"cv": CV.of}, resamples=5)["cv"]
    assert lost.undefined == 5
    assert isnan(lost.low)
    assert not lost.excludes_zero


def test_other_users_or_targets_are_refused() -> None:
    a = user_outcomes(lists(1), GENRES)
    fewer = UserOutcomes(a.users[1:], a.accuracy[1:], a.gained[1:], a.wanted[1:])
    with pytest.raises(ValueError, match="rank different users"):
        paired_bootstrap(a, fewer, FAIRNESS)
    with pytest.raises(ValueError, match="different groups or targets"):
        paired_bootstrap(a, UserOutcomes(a.users, a.accuracy, a.gained, csr_array(2 * a.wanted)), FAIRNESS)


def test_intervals_over_users_cover_the_difference_of_the_population() -> None:
    """Users vary in how many targets they have and how easy they are; hits of a group have its own probability."""
    stream, n, repetitions, confidence = np.random.default_rng(5), 400, 100, 0.9
    first, second = np.array([0.5, 0.4, 0.3, 0.2, 0.12]), np.array([0.42, 0.38, 0.32, 0.25, 0.2])
    truth = {"cv": CV.of(second) - CV.of(first), "min25": (second - first)[3:].mean(), "ndcg": 0.01}
    covered = dict.fromkeys(truth, 0)
    for _ in range(repetitions):
        wanted = 1 + stream.poisson(3, size=(n, 5))
        ease = stream.uniform(0.4, 1.6, size=(n, 1))  # mean 1, the same for both runs
        accuracy = stream.beta(2, 4, size=n)
        a = UserOutcomes(
            np.arange(n), accuracy, csr_array(1.0 * stream.binomial(wanted, ease * first)), csr_array(1.0 * wanted)
        )
        shifted = accuracy + stream.normal(0.01, 0.05, size=n)
        b = UserOutcomes(
            np.arange(n), shifted, csr_array(1.0 * stream.binomial(wanted, ease * second)), csr_array(1.0 * wanted)
        )
        found = paired_bootstrap(a, b, FAIRNESS, resamples=150, confidence=confidence)
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high
    margin = 4 * sqrt(confidence * (1 - confidence) / repetitions)
    for name, count in covered.items():
        assert abs(count / repetitions - confidence) < margin, name
