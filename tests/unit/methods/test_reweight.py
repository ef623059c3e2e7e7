"""Static weights of rows."""

import dataclasses

import numpy as np
import pytest
import torch
from harness.methods.reweight import history_over_target

from harness.balance.group_weighted import Rows
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.testing import toy_problem


def ring(n: int = 60, length: int = 6, groups: int = 2):
    """Every user takes ``length`` items and every item is taken by as many, so that groups are of one size."""
    users = np.repeat(np.arange(n), length)
    items = np.sort((np.arange(n)[:, None] + np.arange(length)) % n, axis=1).reshape(-1)
    membership = Membership.from_labels("parity", "item", [[str(i % groups)] for i in range(n)])
    draw = np.random.default_rng(0)
    embeddings = draw.normal(size=(n, 16)).astype(np.float32)
    return dataclasses.replace(
        toy_problem(), training=Training(users, items, n, n), membership=membership, embeddings=embeddings
    )


@pytest.mark.parametrize("variant", ["inverse", "share"])
def test_equal_groups_make_alpharec(train, variant):
    reference, _ = train("alpharec", ring(), epochs=2)
    method, _ = train("reweight", ring(), epochs=2, variant=variant)
    torch.testing.assert_close(method.theta, reference.theta, rtol=0, atol=1e-9)


def test_inverse_gives_disjoint_groups_the_same_total_weight(prepared):
    problem = toy_problem()
    labels = [["rare"] if i % 10 == 0 else ["common"] for i in range(problem.training.n_items)]
    problem = dataclasses.replace(problem, membership=Membership.from_labels("two", "item", labels))
    method = prepared("reweight", problem, batch_size=100_000)
    (batch,) = method.batches
    C = method.groups.of(batch)
    totals = method.row_weights(Rows(batch, C, torch.zeros(len(C)).double(), method.factors())) @ C
    assert totals[0] == pytest.approx(float(totals[1]))


def test_a_row_has_the_mean_of_its_groups_weights(prepared):
    method = prepared("reweight")
    method.W = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    C = torch.tensor([[1, 0, 0], [0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]], dtype=torch.float64)
    weights = method.row_weights(Rows(None, C, None, None))
    torch.testing.assert_close(weights, torch.tensor([1.0, 4.0, 3.0], dtype=torch.float64))


def test_share_counts_histories_and_targets_one_by_one():
    """The authors' way: for every target, count the groups of all items in its history, and of itself."""
    problem = toy_problem()
    training, M = problem.training, problem.membership.matrix.toarray()
    history, target = np.zeros(3), np.zeros(3)
    for user, item in zip(training.users, training.items, strict=True):
        target += M[item]
        for other in training.items[training.users == user]:
            if other != item:
                history += M[other]
    expected = (history / history.sum()) / (target / target.sum())
    np.testing.assert_allclose(history_over_target(problem), expected)


def test_a_group_without_members_has_no_weight(prepared):
    for variant in ("inverse", "share"):
        method = prepared("reweight", toy_problem(empty_groups=("nobody",)), variant=variant)
        assert method.W[-1] == 0
        assert (method.W[:-1] > 0).all()
