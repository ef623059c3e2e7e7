"""Exposure of groups, by hand, against slow independent formulas and at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.builtin.disparities.cv import CV
from harness.domain.exposure_names import ALWAYS, EXPOSURE_DISPARITIES
from harness.domain.interactions import Interactions, Test, Training
from harness.domain.membership import Membership
from harness.domain.ranking import Ranking
from harness.domain.top_k import Judged
from harness.evaluation.group_exposure import exposure_disparities, relative_deviation, total_variation
from harness.evaluation.group_utilities import group_utilities

Pairs = set[tuple[int, int]]


def part(pairs: Pairs, n_users: int, n_items: int, kind: type[Interactions]) -> Interactions:
    users, items = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    return kind(users, items, n_users, n_items)


def judged(lists: list[list[int]], wanted: Pairs, hidden: Pairs, n_items: int) -> Judged:
    """Every user is ranked; lists are padded with -1."""
    n_users, length = len(lists), max(len(shown) for shown in lists)
    items = np.array([shown + [-1] * (length - len(shown)) for shown in lists])
    hits = np.array([[(user, item) in wanted for item in row] for user, row in enumerate(items.tolist())])
    sizes = np.array([sum(user == who for who, _ in wanted) for user in range(n_users)])
    ranking = Ranking(np.arange(n_users), items, hits, sizes)
    target, masked = part(wanted, n_users, n_items, Test), part(hidden, n_users, n_items, Training)
    return Judged(ranking, target, [masked])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[list[int]], Pairs, Pairs, Membership, int]:
    n_users, n_items, n_groups = draw(st.integers(1, 5)), draw(st.integers(2, 8)), draw(st.integers(1, 4))
    some = st.sets(st.integers(0, n_items - 1), max_size=n_items - 1)
    hidden = {(user, item) for user in range(n_users) for item in draw(some)}
    free = [[item for item in range(n_items) if (user, item) not in hidden] for user in range(n_users)]
    wanted = {
        (user, item) for user in range(n_users) for item in draw(st.sets(st.sampled_from(free[user]), min_size=1))
    }
    k = draw(st.integers(1, n_items))
    lists = [draw(st.permutations(items))[:k] for items in free]
    names = [f"g{number}" for number in range(n_groups)]
    labels = [sorted(draw(st.sets(st.sampled_from(names), min_size=1))) for _ in range(n_items)]
    return lists, wanted, hidden, Membership.from_labels("genre", "item", labels, order=names), k


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_agrees_with_the_definitions_pair_by_pair(world: tuple) -> None:
    lists, wanted, hidden, groups, longest = world
    n_items, everything = groups.matrix.shape[0], judged(lists, wanted, hidden, groups.matrix.shape[0])
    member = groups.matrix.toarray() > 0
    for k in {1, max(1, longest // 2), everything.ranking.k}:
        found = exposure_disparities(everything.at(k), groups)
        share, discounted = {}, {}
        probability, opportunity = [], []
        catalogue, relevance = {}, {}
        for g in range(member.shape[1]):
            portion = [member[i, g] / member[i].sum() for i in range(n_items)]
            share[g] = sum(portion[i] for row in lists for i in row[:k])
            discounted[g] = sum(portion[i] / np.log2(r + 2) for row in lists for r, i in enumerate(row[:k]))
            catalogue[g], relevance[g] = sum(portion), sum(portion[i] for _, i in wanted)
            pairs = [(u, i) for u in range(len(lists)) for i in range(n_items) if member[i, g] and (u, i) not in hidden]
            listed = [(u, i) for u, row in enumerate(lists) for i in row[:k] if member[i, g]]
            liked = [pair for pair in pairs if pair in wanted]
            if pairs:
                probability.append(len(listed) / len(pairs))
            if liked:
                opportunity.append(len([pair for pair in listed if pair in wanted]) / len(liked))
        assert found["dp"] == pytest.approx(_distance(share, catalogue))
        assert found["dp_discounted"] == pytest.approx(_distance(discounted, catalogue))
        assert found["eo"] == pytest.approx(_distance(share, relevance))
        assert found["eo_discounted"] == pytest.approx(_distance(discounted, relevance))
        assert found["rsp"] == pytest.approx(_deviation(probability), nan_ok=True)
        assert found["reo"] == pytest.approx(_deviation(opportunity), nan_ok=True)
        assert set(found) == set(ALWAYS)


def _distance(masses: dict[int, float], others: dict[int, float]) -> float:
    """Total variation by its definition: how much the two differ at most about a set of groups."""
    sets = range(2 ** len(masses))
    of = [[g for g in masses if chosen >> g & 1] for chosen in sets]
    total, other = sum(masses.values()), sum(others.values())
    return max(abs(sum(masses[g] for g in some) / total - sum(others[g] for g in some) / other) for some in of)


def _deviation(rates: list[float]) -> float:
    mean = sum(rates) / len(rates)
    return (sum((rate - mean) ** 2 for rate in rates) / len(rates)) ** 0.5 / mean if mean else float("nan")


@settings(max_examples=50, deadline=None)
@given(worlds())
def test_equal_opportunity_is_the_cv_of_groups_recall(world: tuple) -> None:
    lists, wanted, hidden, groups, _ = world
    top = judged(lists, wanted, hidden, groups.matrix.shape[0]).at(1)
    utilities = group_utilities(top, groups)
    found = exposure_disparities(top, groups)["reo"]
    assert found == pytest.approx(CV.of(utilities.values[utilities.present]), nan_ok=True)


def test_by_hand() -> None:
    groups = Membership.from_labels("genre", "item", [["a"], ["a"], ["b"], ["b"]])
    top = judged([[0, 1], [0, 2]], {(0, 0), (1, 2)}, {(0, 3), (1, 3)}, 4).at(2)
    found = exposure_disparities(top, groups)
    assert found["dp"] == pytest.approx(3 / 4 - 1 / 2)
    assert found["eo"] == pytest.approx(3 / 4 - 1 / 2)
    second = 1 / np.log2(3)
    assert found["dp_discounted"] == pytest.approx((2 + second) / (2 + 2 * second) - 1 / 2)
    assert found["rsp"] == pytest.approx((3 / 4 - 1 / 2) / (3 / 4 + 1 / 2))  # a: 3 of 4 pairs, b: 1 of 2
    assert found["reo"] == 0  # both targets are found


def test_one_group_cannot_be_unequal() -> None:
    everything = Membership.from_labels("all", "item", [["all"]] * 4)
    found = exposure_disparities(judged([[0, 1], [0, 2]], {(0, 0), (1, 3)}, set(), 4).at(2), everything)
    assert found == dict.fromkeys(ALWAYS, pytest.approx(0, abs=1e-12))


def test_groups_in_proportion_are_fair() -> None:
    groups = Membership.from_labels("genre", "item", [["a"], ["b"], ["a"], ["b"]])
    found = exposure_disparities(judged([[0, 1], [3, 2]], {(0, 0), (1, 3)}, set(), 4).at(2), groups)
    assert found == dict.fromkeys(ALWAYS, pytest.approx(0, abs=1e-12))


def test_a_group_that_nobody_could_be_shown_is_left_out_of_probabilities() -> None:
    groups = Membership.from_labels("genre", "item", [["a"], ["b"], ["c"]])
    found = exposure_disparities(judged([[0], [0]], {(0, 0), (1, 0)}, {(0, 2), (1, 2)}, 3).at(1), groups)
    assert found["rsp"] == pytest.approx(1)  # probabilities 1 and 0; c has no pair
    assert found["reo"] == 0  # only a is wanted


def test_without_hits_equal_opportunity_is_undefined() -> None:
    groups = Membership.from_labels("genre", "item", [["a"], ["b"]])
    found = exposure_disparities(judged([[0]], {(0, 1)}, set(), 2).at(1), groups)
    assert np.isnan(found["reo"])
    assert found["rsp"] == pytest.approx(1)


def test_nothing_is_no_distribution() -> None:
    nothing, something = np.zeros(3), np.ones(3)
    assert np.isnan(total_variation(nothing, something))
    assert np.isnan(total_variation(something, nothing))
    assert np.isnan(relative_deviation(nothing, something))
    assert np.isnan(relative_deviation(nothing, nothing))
    assert total_variation(np.array([1.0, 0, 0]), np.array([0, 0, 5.0])) == 1


@pytest.mark.parametrize("name", EXPOSURE_DISPARITIES)
def test_every_disparity_of_exposure_is_described(name: str) -> None:
    assert EXPOSURE_DISPARITIES[name].equation
    assert EXPOSURE_DISPARITIES[name].reference
