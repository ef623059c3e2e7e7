"""Full ranking: masks, ties, padding, blocks, and a slow reference."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.base.errors import BadInput, HarnessError
from harness.domain.interactions import Interactions, Test, Training
from harness.domain.ranking import BLOCK_SCORES, Ranking, block_of, check_cutoffs, rank


def part(pairs: list[tuple[int, int]], n_users: int, n_items: int, kind: type[Interactions] = Test) -> Interactions:
    users, items = np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2).T
    return kind(users, items, n_users, n_items)


def scored_by(scores: np.ndarray) -> object:
    table = torch.from_numpy(np.asarray(scores, dtype=np.float32))
    return lambda users: table[users]


def reference(scores: np.ndarray, target: Interactions, masked: list[Interactions], k: int) -> Ranking:
    """The definition, user by user."""
    hidden = {pair for m in masked for pair in zip(m.users.tolist(), m.items.tolist(), strict=True)}
    wanted = set(zip(target.users.tolist(), target.items.tolist(), strict=True))
    users = sorted({user for user, _ in wanted})
    items = np.full((len(users), k), -1)
    for row, user in enumerate(users):
        free = [i for i in range(target.n_items) if (user, i) not in hidden and scores[user, i] > -np.inf]
        best = sorted(free, key=lambda i: (-scores[user, i], i))[:k]
        items[row, : len(best)] = best
    hits = np.array([[(user, i) in wanted for i in row] for user, row in zip(users, items.tolist(), strict=True)])
    return Ranking(np.array(users), items, hits, np.array([sum(u == user for u, _ in wanted) for user in users]))


def assert_same(ours: Ranking, expected: Ranking) -> None:
    for name in ("users", "items", "hits", "n_relevant"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(expected, name), err_msg=name)


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, Interactions, list[Interactions], int]:
    n_users, n_items = draw(st.integers(1, 7)), draw(st.integers(1, 9))
    values = st.sampled_from([-np.inf, -2.5, -1.0, -1e-40, -0.0, 0.0, 1e-40, 0.5, 1.0, 3e38])
    scores = draw(hnp.arrays(np.float32, (n_users, n_items), elements=values | st.floats(-4, 4, width=32)))
    pairs = st.tuples(st.integers(0, n_users - 1), st.integers(0, n_items - 1))
    target = draw(st.lists(pairs, min_size=1, max_size=20))
    masks = [[pair for pair in draw(st.lists(pairs, max_size=30)) if pair not in target] for _ in range(2)]
    k = draw(st.integers(1, n_items))
    parts = [part(mask, n_users, n_items, Training) for mask in masks]
    return scores, part(target, n_users, n_items), parts, k


@settings(max_examples=200, deadline=None)
@given(problems(), st.integers(1, 8))
def test_agrees_with_the_definition_whatever_the_block(problem: tuple, block: int) -> None:
    scores, target, masked, k = problem
    assert_same(rank(scored_by(scores), target, masked, k, block=block), reference(scores, target, masked, k))


def test_equal_scores_break_by_index() -> None:
    target = part([(0, 5), (1, 0)], 2, 6)
    masked = [part([(0, 1)], 2, 6, Training)]
    ranking = rank(lambda users: torch.zeros(len(users), 6), target, masked, 4)
    assert ranking.items.tolist() == [[0, 2, 3, 4], [0, 1, 2, 3]]
    assert ranking.hits.tolist() == [[False] * 4, [True, False, False, False]]


@pytest.mark.parametrize("n_items", [300, 5000])
def test_a_tie_across_the_last_place_breaks_by_index(n_items: int) -> None:
    scores = np.zeros((1, n_items))
    scores[0, -1] = 1.0
    ranking = rank(scored_by(scores), part([(0, 2)], 1, n_items), [], 20)
    assert ranking.items.tolist() == [[n_items - 1, *range(19)]]


def test_neighbouring_floats_are_no_tie() -> None:
    one = np.float32(1)
    scores = np.array([[one, np.nextafter(one, 2 * one), -one, -np.nextafter(one, 0 * one), -one]])
    assert rank(scored_by(scores), part([(0, 0)], 1, 5), [], 5).items.tolist() == [[1, 0, 3, 2, 4]]


def test_masked_items_are_never_listed_and_lists_are_padded() -> None:
    target = part([(0, 3), (2, 0)], 3, 4)
    masked = [part([(0, 0), (0, 1), (1, 3)], 3, 4, Training), part([(0, 2)], 3, 4, Training)]
    ranking = rank(scored_by(np.ones((3, 4))), target, masked, 3)
    assert ranking.users.tolist() == [0, 2]
    assert ranking.items.tolist() == [[3, -1, -1], [0, 1, 2]]
    assert ranking.hits.tolist() == [[True, False, False], [True, False, False]]
    assert ranking.n_relevant.tolist() == [1, 1]


def test_padding_is_no_hit_although_its_key_is_that_of_the_user_before() -> None:
    target = part([(0, 3), (1, 0)], 2, 4)
    masked = [part([(1, 1), (1, 2), (1, 3)], 2, 4, Training)]
    assert rank(scored_by(np.ones((2, 4))), target, masked, 4).hits[1].tolist() == [True, False, False, False]


def test_scores_are_not_written_to() -> None:
    table = torch.rand(3, 5)
    before = table.clone()
    rank(lambda users: table[: len(users)], part([(0, 0), (1, 1), (2, 2)], 3, 5), [part([(0, 4)], 3, 5, Training)], 2)
    assert torch.equal(table, before)


def test_one_row_may_serve_all_users() -> None:
    popularity = torch.tensor([3.0, 9.0, 3.0, 1.0])
    ranking = rank(lambda users: popularity.expand(len(users), 4), part([(0, 0), (1, 0)], 2, 4), [], 3)
    assert ranking.items.tolist() == [[1, 0, 2]] * 2


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_method_is_an_error(value: float) -> None:
    scores = np.random.default_rng(0).random((4, 30))
    scores[2, 17] = value
    with pytest.raises(HarnessError, match="NaN or infinite"):
        rank(scored_by(scores), part([(2, 1), (3, 1)], 4, 30), [], 5)


def test_a_wrong_shape_is_an_error() -> None:
    with pytest.raises(HarnessError, match=r"shape \(1, 3\), not \(1, 4\)"):
        rank(lambda users: torch.zeros(len(users), 3), part([(0, 0)], 1, 4), [], 2)


def test_nothing_to_find_is_an_error() -> None:
    with pytest.raises(HarnessError, match="no user has a held-out interaction"):
        rank(scored_by(np.ones((2, 3))), part([], 2, 3), [], 2)


@pytest.mark.parametrize("k", [0, 4])
def test_a_cutoff_beyond_the_catalogue_is_refused(k: int) -> None:
    with pytest.raises(BadInput, match=f"cut-off {k} is not between 1 and the catalogue's 3 items"):
        check_cutoffs((2, k), 3)
    check_cutoffs((1, 3), 3)


def test_a_block_holds_scores_not_users() -> None:
    for n_items in (1, 3706, 12_101, 1_000_000, 10 * BLOCK_SCORES):
        assert block_of(n_items) * n_items <= max(BLOCK_SCORES, n_items)
        assert (block_of(n_items) + 1) * n_items > BLOCK_SCORES


def test_users_of_a_large_catalogue_are_scored_a_few_at_a_time() -> None:
    asked: list[int] = []
    n_items = BLOCK_SCORES // 2
    scores = torch.arange(n_items, dtype=torch.float32)

    def score(users: torch.Tensor) -> torch.Tensor:
        asked.append(len(users))
        return scores.expand(len(users), -1)

    ranking = rank(score, part([(user, n_items - 2) for user in range(5)], 5, n_items), [], 2)
    assert asked == [2, 2, 1]
    assert ranking.hits.tolist() == [[False, True]] * 5
