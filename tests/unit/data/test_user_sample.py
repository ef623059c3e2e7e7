"""Ranking a sample of users: the same in validation and test, the same numbers as choosing those users by hand."""

import numpy as np
import pytest
import torch

from harness.data.user_sample import with_sampled_users
from harness.domain.interactions import Split, Test, Training, Validation
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import rank
from harness.evaluation.evaluate import evaluate
from harness.spec.options import EvaluationOptions

N_USERS, N_ITEMS = 40, 30


@pytest.fixture
def parts() -> Split:
    """Users 30 to 39 have nothing held out; some others have no test data."""
    pairs = np.random.default_rng(0).choice(N_USERS * N_ITEMS, 500, replace=False)
    users, items = np.divmod(np.sort(pairs), N_ITEMS)
    part = np.random.default_rng(1).choice(3, 500)
    part[users >= 30] = 0
    made = [
        kind(users[part == number], items[part == number], N_USERS, N_ITEMS)
        for number, kind in enumerate((Training, Validation, Test))
    ]
    return Split(*made, "digest")


def test_without_a_number_all_users_stay(parts: Split) -> None:
    assert with_sampled_users(parts, None, 0) is parts
    assert with_sampled_users(parts, 30, 0) is parts, "thirty users have something held out"


def test_validation_and_test_keep_the_same_users_whole(parts: Split) -> None:
    found = with_sampled_users(parts, 12, 0)
    users = np.union1d(found.validation.users, found.test.users)
    assert len(users) == 12
    assert found.training is parts.training
    assert found.digest == parts.digest
    for before, after in ((parts.validation, found.validation), (parts.test, found.test)):
        kept = np.isin(before.users, users)
        np.testing.assert_array_equal(after.users, before.users[kept])
        np.testing.assert_array_equal(after.items, before.items[kept])
        assert type(after) is type(before)


def test_the_sample_depends_on_the_seed_alone(parts: Split) -> None:
    def users(seed: int) -> set[int]:
        return set(with_sampled_users(parts, 12, seed).test.users.tolist())

    first = users(0)
    torch.manual_seed(5)  # global generators must not matter
    np.random.seed(5)
    assert users(0) == first
    assert len({frozenset(users(seed)) for seed in range(5)}) > 1


def test_every_user_is_as_likely_as_another(parts: Split) -> None:
    counts = np.zeros(N_USERS)
    for seed in range(400):
        found = with_sampled_users(parts, 15, seed)
        counts[np.union1d(found.validation.users, found.test.users)] += 1
    assert not counts[30:].any()
    assert np.abs(counts[:30] - 200).max() < 5 * np.sqrt(400 * 0.25)


def test_metrics_are_those_of_the_sampled_users(parts: Split) -> None:
    table = torch.randn(N_USERS, N_ITEMS, generator=torch.Generator().manual_seed(0))
    found = with_sampled_users(parts, 10, 3)
    masked = [parts.training, parts.validation]
    everyone = rank(lambda users: table[users], parts.test, masked, 5)
    sampled = evaluate(
        lambda users: table[users],
        found.test,
        [found.training, found.validation],
        [],
        EvaluationOptions(ks=(5,), headline_k=5),
    )
    rows = np.isin(everyone.users, sampled.ranking.users)
    np.testing.assert_array_equal(sampled.ranking.items, everyone.items[rows])
    recall = (everyone.hits.sum(axis=1) / everyone.n_relevant)[rows].mean()
    assert sampled.metrics[MetricKey("recall", 5)] == pytest.approx(recall)
