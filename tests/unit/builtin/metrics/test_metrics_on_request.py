"""Metrics that are computed on request, against their papers' formulas in plain loops, and at their extremes."""

import math
from dataclasses import dataclass
from itertools import permutations
from statistics import fmean, pstdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.domain.interactions import Interactions, Test, Training
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged, TopK
from harness.plugins.registry import registry

ON_REQUEST = ["aclt", "aplt", "ee_d", "ee_l", "ee_r", "ips_dcg", "ips_recall", "pop_reo", "pop_rsp", "ugf"]
NEED_POPULARITY = ["aclt", "aplt", "ips_dcg", "ips_recall", "pop_reo", "pop_rsp", "ugf"]


@dataclass(frozen=True)
class World:
    """Lists as people write them down.

    Attributes:
        lists: items of each user, best first
        targets, trained: sets of items of each user
        n_items: size of the catalogue
    """

    lists: list[list[int]]
    targets: list[set[int]]
    trained: list[set[int]]
    n_items: int

    @property
    def judged(self) -> Judged:
        n_users, length = len(self.lists), max(1, *map(len, self.lists))
        items = np.array([row + [NO_ITEM] * (length - len(row)) for row in self.lists], dtype=np.int64)
        hits = np.array([[item in self.targets[user] for item in row] for user, row in enumerate(items.tolist())])
        ranking = Ranking(np.arange(n_users), items, hits, np.array([len(wanted) for wanted in self.targets]))
        return Judged(ranking, self._part(self.targets, Test), [self._part(self.trained, Training)])

    def _part(self, sets: list[set[int]], kind: type[Interactions]) -> Interactions:
        pairs = [(user, item) for user, some in enumerate(sets) for item in sorted(some)]
        users, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return kind(users, items, len(self.lists), self.n_items)

    def at(self, k: int) -> list[list[int]]:
        return [row[:k] for row in self.lists]

    @property
    def counts(self) -> list[int]:
        return [sum(item in some for some in self.trained) for item in range(self.n_items)]

    @property
    def tail(self) -> set[int]:
        """What is not in the short head: items are added from the most popular one on, equal ones together."""
        head: set[int] = set()
        for least in sorted(set(self.counts), reverse=True):
            if sum(self.counts[item] for item in head) >= 0.8 * sum(self.counts) - 1e-9:
                break
            head |= {item for item in range(self.n_items) if self.counts[item] == least}
        return set(range(self.n_items)) - head


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to seven users with a target and training items each, which are never listed, and lists of any lengths."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_users, n_items = draw(st.integers(1, 7)), draw(st.integers(4, 10))
    lists, targets, trained = [], [], []
    for _ in range(n_users):
        order = rng.permutation(n_items).tolist()
        known = set(order[: int(rng.integers(1, n_items - 2))])
        free = [item for item in order if item not in known]
        targets.append({item for item in free if rng.random() < 0.4} | {free[0]})
        lists.append([int(item) for item in rng.permutation(free)[: rng.integers(0, len(free) + 1)]])
        trained.append(known)
    return World(lists, targets, trained, n_items)


def value(name: str, top: TopK) -> np.ndarray:
    return np.asarray(registry.get("metric", name).of(top), dtype=np.float64)


def same(found: np.ndarray, expected: float | list[float]) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_they_wait_for_a_request() -> None:
    assert [name for name in registry.names("metric") if registry.get("metric", name).on_request] == ON_REQUEST


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_long_tail_in_lists(world: World, k: int) -> None:
    judged = world.judged
    top = judged.at(min(k, judged.ranking.k))
    found = [sum(item in world.tail for item in row) for row in world.at(k)]
    same(value("aclt", top), [float(count) for count in found])
    lengths = [len(row) for row in world.at(k)]
    shares = [count / length if length else math.nan for count, length in zip(found, lengths, strict=True)]
    same(value("aplt", top), shares)


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_chances_of_popular_and_unpopular_items(world: World, k: int) -> None:
    judged = world.judged
    top = judged.at(min(k, judged.ranking.k))
    listed, found = [], []
    for group in (set(range(world.n_items)) - world.tail, world.tail):
        could = sum(len(group - known) for known in world.trained)
        wanted = sum(len(group & some) for some in world.targets)
        shown = sum(len(group & set(row)) for row in world.at(k))
        hits = sum(len(group & set(row) & some) for row, some in zip(world.at(k), world.targets, strict=True))
        listed += [shown / could] if could else []
        found += [hits / wanted] if wanted else []
    for name, rates in (("pop_rsp", listed), ("pop_reo", found)):
        same(value(name, top), pstdev(rates) / fmean(rates) if any(rates) else math.nan)


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_inverse_propensities(world: World, k: int) -> None:
    judged = world.judged
    top = judged.at(min(k, judged.ranking.k))
    recalls, gains = [], []
    for row, some in zip(world.at(k), world.targets, strict=True):
        inverse = {item: 1 / world.counts[item] ** ((2 + 1) / 2) for item in some if world.counts[item]}
        if inverse:
            total = sum(inverse.values())
            recalls.append(sum(inverse.get(item, 0) for item in row) / total)
            gains.append(sum(inverse.get(item, 0) / math.log2(r + 1) for r, item in enumerate(row, 1)) / total)
    same(value("ips_recall", top), fmean(recalls) if recalls else math.nan)
    same(value("ips_dcg", top), fmean(gains) if gains else math.nan)


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_expected_exposure_of_every_item(world: World, k: int) -> None:
    """The ideal by drawing every order of targets and every order of the others once, no closed form."""
    judged = world.judged
    top = judged.at(min(k, judged.ranking.k))
    losses, disparities, relevances = [], [], []
    for row, some, known in zip(world.at(k), world.targets, world.trained, strict=True):
        free = set(range(world.n_items)) - known
        given_ = {item: 0.5 ** row.index(item) if item in row else 0.0 for item in free}
        ideal = _average_exposure(some, 0) | _average_exposure(free - some, len(some))
        losses.append(sum((given_[item] - ideal[item]) ** 2 for item in free))
        disparities.append(sum(exposure**2 for exposure in given_.values()))
        relevances.append(2 * sum(given_[item] * ideal[item] for item in free))
    same(value("ee_l", top), losses)
    same(value("ee_d", top), disparities)
    same(value("ee_r", top), relevances)


def _average_exposure(items: set[int], before: int) -> dict[int, float]:
    """What each gets where all orders of ``items`` are equally likely and ``before`` others come first."""
    if len(items) > 5:  # too many orders: each item is at each place equally often
        return dict.fromkeys(items, fmean(0.5**rank for rank in range(before, before + len(items))))
    orders = list(permutations(items))
    return {item: fmean(0.5 ** (before + order.index(item)) for order in orders) for item in items}


@settings(max_examples=100, deadline=None)
@given(worlds(), st.integers(1, 6))
def test_the_most_active_twentieth(world: World, k: int) -> None:
    judged = world.judged
    k = min(k, judged.ranking.k)
    active = [len(known) for known in world.trained]
    last = sorted(active, reverse=True)[math.ceil(len(active) * 5 / 100) - 1]
    served: dict[bool, list[float]] = {True: [], False: []}
    for row, some, count in zip(world.at(k), world.targets, active, strict=True):
        ideal = sum(1 / math.log2(r + 1) for r in range(1, min(k, len(some)) + 1))
        served[count >= last].append(sum(1 / math.log2(r + 1) for r, i in enumerate(row, 1) if i in some) / ideal)
    expected = abs(fmean(served[True]) - fmean(served[False])) if served[False] else 0.0
    same(value("ugf", judged.at(k)), expected)


def test_five_percent_are_advantaged_and_those_as_active_as_they() -> None:
    """41 users: three of them are 5 %, rounded up; the third is as active as a fourth."""
    counts = [9, 8, 7, 7] + [1] * 37
    hit = [user < 4 for user in range(41)]
    world = World(
        [[10] if found else [11] for found in hit], [{10}] * 41, [set(range(count)) for count in counts], n_items=12
    )
    assert value("ugf", world.judged.at(1)) == 1
    missed = World([[11], *world.lists[1:]], world.targets, world.trained, 12)
    assert value("ugf", missed.judged.at(1)) == pytest.approx(3 / 4)


def test_equal_popularity_leaves_no_tail_and_no_propensity() -> None:
    """Then IPS recall is recall, IPS DCG the gain per target, and there is one group."""
    even = World([[1, 3], [2, 0]], [{1}, {0, 2}], [{0, 2}, {1, 3}], 4)
    top = even.judged.at(1)
    assert even.counts == [1, 1, 1, 1]
    assert value("pop_rsp", top) == 0
    assert value("pop_reo", top) == 0
    same(value("aplt", top), [0, 0])
    assert value("ips_recall", top) == pytest.approx(value("recall", top).mean())
    assert value("ips_dcg", top) == pytest.approx(fmean([1, 1 / 2]))


def test_a_group_that_gets_nothing_is_the_largest_deviation() -> None:
    """Of two rates, one of them 0, the deviation is the mean."""
    world = World([[1]] * 6, [{1, 3}] * 6, [{0}] * 5 + [{2}], 4)
    assert world.tail == {1, 2, 3}
    assert value("pop_rsp", world.judged.at(1)) == pytest.approx(1)
    assert value("pop_reo", world.judged.at(1)) == 0, "no target is of the short head: one group"


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_no_list_is_nearer_to_the_ideal_than_one_that_begins_with_all_targets(world: World) -> None:
    best, full = [], []
    for row, some, known in zip(world.lists, world.targets, world.trained, strict=True):
        free = set(range(world.n_items)) - known
        best.append(sorted(some) + sorted(free - some))
        full.append(row + sorted(free - set(row)))
    ideal, other = (World(lists, world.targets, world.trained, world.n_items).judged for lists in (best, full))
    k = min(ideal.ranking.k, other.ranking.k)
    assert (value("ee_l", ideal.at(k)) <= value("ee_l", other.at(k)) + 1e-12).all()
    assert (value("ee_r", ideal.at(k)) >= value("ee_r", other.at(k)) - 1e-12).all()
    np.testing.assert_allclose(value("ee_d", ideal.at(k)), value("ee_d", other.at(k)))


def test_one_target_at_the_top_of_a_full_list_is_the_ideal_but_for_the_rest() -> None:
    """One target, two other items: ε = (1, ½, ¼), ε* = (1, ⅜, ⅜)."""
    top = World([[0, 1, 2]], [{0}], [{3}], 4).judged.at(3)
    same(value("ee_l", top), [2 * (1 / 8) ** 2])
    same(value("ee_d", top), [1 + 1 / 4 + 1 / 16])
    same(value("ee_r", top), [2 * (1 + 3 / 8 * 3 / 4)])


@pytest.mark.parametrize("name", NEED_POPULARITY)
def test_without_training_interactions_there_is_no_value(name: str) -> None:
    known = World([[1, 2], [0, 3]], [{1}, {0}], [{0}, {1}], 4).judged
    assert np.isnan(value(name, Judged(known.ranking, known.target).at(2))).all()


@pytest.mark.parametrize("name", ["ee_d", "ee_l", "ee_r"])
def test_expected_exposure_needs_no_training_interactions(name: str) -> None:
    known = World([[1, 2], [0, 3]], [{1}, {0}], [{0}, {1}], 4).judged
    assert np.isfinite(value(name, Judged(known.ranking, known.target).at(2))).all()


def test_lists_without_an_item() -> None:
    top = World([[], []], [{1}, {0}], [{0, 2}, {1, 2}], 4).judged.at(1)
    assert np.isnan([value("pop_rsp", top), value("pop_reo", top)]).all()
    assert np.isnan(value("aplt", top)).all()
    for name in ("aclt", "ee_d", "ee_r", "ips_recall", "ips_dcg"):
        assert not value(name, top).any(), name
    same(value("ee_l", top), [1 + (1 / 2) ** 2] * 2)  # a target and one other item, both of them lost
