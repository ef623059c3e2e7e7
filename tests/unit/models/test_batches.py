"""Batches visit everything once; negatives are uniform over what a user did not take."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from harness.domain.interactions import Interactions, Training
from harness.models.batches import BatchSampler, SharedBatch
from harness.models.negatives import TakenLookup
from harness.testing import toy_problem

TRAINING = toy_problem().training


def sampler(
    interactions: Interactions = TRAINING, taken: Interactions | None = None, batch_size: int = 64, negatives: int = 5
) -> BatchSampler:
    order, draws = torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)
    return BatchSampler(interactions, taken or interactions, batch_size, negatives, order, draws)


def pairs(interactions: Interactions) -> set[tuple[int, int]]:
    return set(zip(interactions.users.tolist(), interactions.items.tolist(), strict=True))


def test_every_pass_visits_every_interaction_once_in_a_new_order() -> None:
    batches = sampler()
    first, second = ([(b.users.tolist(), b.items.tolist()) for b in batches] for _ in range(2))
    for each in (first, second):
        visited = [pair for users, items in each for pair in zip(users, items, strict=True)]
        assert len(each) == len(batches)
        assert len(visited) == len(TRAINING)
        assert set(visited) == pairs(TRAINING)
    assert first != second


def test_forever_goes_on_with_whole_passes() -> None:
    batches = sampler()
    rows = [b.users for b in itertools.islice(batches.forever(), 2 * len(batches))]
    counts = torch.bincount(torch.cat(rows), minlength=TRAINING.n_users)
    np.testing.assert_array_equal(counts, 2 * np.bincount(TRAINING.users, minlength=TRAINING.n_users))


def test_only_the_last_batch_is_smaller() -> None:
    sizes = [len(batch.users) for batch in sampler(batch_size=64)]
    assert sizes[:-1] == [64] * (len(sizes) - 1)
    assert 0 < sizes[-1] <= 64


def test_negatives_were_never_taken() -> None:
    taken = pairs(TRAINING)
    for batch in itertools.islice(sampler(negatives=30).forever(), 30):
        for user, row in zip(batch.users.tolist(), batch.negatives.tolist(), strict=True):
            assert taken.isdisjoint((user, item) for item in row)


def test_what_counts_as_taken_may_be_more_than_what_is_visited() -> None:
    """Outer batches visit a part of the training interactions; negatives avoid all of them."""
    part = Training(TRAINING.users[::5], TRAINING.items[::5], TRAINING.n_users, TRAINING.n_items)
    taken = pairs(TRAINING)
    for batch in itertools.islice(sampler(part, TRAINING, negatives=30).forever(), 10):
        for user, row in zip(batch.users.tolist(), batch.negatives.tolist(), strict=True):
            assert taken.isdisjoint((user, item) for item in row)


def test_negatives_are_uniform_over_the_rest() -> None:
    one_user = Training(np.zeros(5, dtype=np.int64), np.array([1, 4, 5, 9, 11]), 1, 20)
    batch = next(iter(sampler(one_user, negatives=4000)))
    counts = torch.bincount(batch.negatives.flatten(), minlength=20).numpy()
    allowed = np.setdiff1d(np.arange(20), one_user.items)
    assert counts[one_user.items].sum() == 0
    assert chisquare(counts[allowed]).pvalue > 1e-3


def test_who_took_everything_gets_negatives_from_everything() -> None:
    users, items = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 2])
    batch = next(iter(sampler(Training(users, items, 2, 3), negatives=3000)))
    counts = torch.bincount(batch.negatives[batch.users == 0].flatten(), minlength=3).numpy()
    assert chisquare(counts).pvalue > 1e-3
    assert set(batch.negatives[batch.users == 1].flatten().tolist()) == {0, 1}


def test_table_and_search_agree() -> None:
    full = Interactions(np.append(TRAINING.users, np.full(50, 60)), np.append(TRAINING.items, np.arange(50)), 61, 50)
    table = TakenLookup(full, torch.device("cpu"))
    search = TakenLookup(full, torch.device("cpu"), largest_table=0)
    users, items = (index.flatten() for index in torch.meshgrid(torch.arange(61), torch.arange(50), indexing="ij"))
    expected = torch.as_tensor(TRAINING.matrix().toarray() > 0)
    for lookup in (table, search):
        answers = lookup(users, items).view(61, 50)
        assert torch.equal(answers[:60], expected)
        assert not answers[60].any()


def test_batches_and_negatives_have_streams_of_their_own() -> None:
    """More negatives do not change which interactions a batch holds."""
    few, many = next(iter(sampler(negatives=1))), next(iter(sampler(negatives=40)))
    assert torch.equal(few.items, many.items)


def shared_sampler(negatives: int = 30) -> BatchSampler:
    order, draws = torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)
    return BatchSampler(TRAINING, TRAINING, 64, negatives, order, draws, shared=True)


def test_shared_negatives_are_distinct_and_hide_exactly_what_a_user_took() -> None:
    taken = pairs(TRAINING)
    for batch in shared_sampler():
        assert isinstance(batch, SharedBatch)
        items = batch.negatives.tolist()
        assert len(set(items)) == len(items) <= 30
        hidden = set(zip(*batch.hidden.tolist(), strict=True))
        expected = {
            (row, place)
            for row, user in enumerate(batch.users.tolist())
            for place, item in enumerate(items)
            if (user, item) in taken
        }
        assert hidden == expected


def test_shared_negatives_are_uniform() -> None:
    counts = torch.zeros(TRAINING.n_items)
    sampler = shared_sampler(10)
    for batch in itertools.islice(sampler.forever(), 600):
        counts += torch.bincount(batch.negatives, minlength=TRAINING.n_items)
    assert chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize("batches", [sampler(negatives=7), shared_sampler(12)], ids=["own", "shared"])
def test_a_renumbered_batch_means_the_same(batches: BatchSampler) -> None:
    batch = next(iter(batches))
    own, users, items = batch.renumbered()
    assert torch.equal(users[own.users], batch.users)
    assert torch.equal(items[own.items], batch.items)
    assert torch.equal(items[own.negatives], batch.negatives)
    assert len(users.unique()) == len(users)
    assert len(items.unique()) == len(items)
