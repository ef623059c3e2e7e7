"""Negatives by groups: probabilities, their steps, and what training does with them."""

import dataclasses

import numpy as np
import pytest
import torch
from harness.methods.fairneg import deviations, moved

from harness.base.errors import BadInput
from harness.domain.interactions import Training
from harness.models.alpharec import Factors
from harness.models.group_negatives import GroupNegatives
from harness.testing import toy_problem


def negatives_of(problem, mix, per_row=64, seed=0):
    C = torch.as_tensor(problem.membership.shares.toarray(), dtype=torch.float64)
    return GroupNegatives(problem.training, C, per_row, mix, 0.4, torch.Generator().manual_seed(seed))


def random_factors(problem):
    n = problem.training.n_users, problem.training.n_items
    return Factors(torch.randn(sum(n), 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1)), n[0])


def test_probabilities_are_the_formula():
    problem = toy_problem()
    p, factors, mix = np.array([0.6, 0.3, 0.1]), random_factors(problem), 0.3
    found = negatives_of(problem, mix).probabilities(torch.tensor([7, 3]), torch.tensor(p), factors).numpy()
    C = problem.membership.shares.toarray()
    for row, user in zip(found, (7, 3), strict=True):
        free = [i for i in range(50) if i not in problem.training.items[problem.training.users == user]]
        scores = (factors.items @ factors.users[user]).numpy()[free] / 0.4
        hard = np.exp(scores) / np.exp(scores).sum()
        fair = sum(p[k] * C[free, k] / C[free, k].sum() for k in range(3))
        np.testing.assert_allclose(row[free], mix * hard + (1 - mix) * fair)
        assert row.sum() == pytest.approx(1)


def test_groups_shares_of_the_items_give_nearly_uniform_negatives():
    """Only in how much of each group a user took: within the users' free items no probability is far from 1/free."""
    problem = toy_problem()
    sampler = negatives_of(problem, 0)
    P = sampler.probabilities(torch.arange(60), sampler.C.mean(dim=0), random_factors(problem))
    taken = torch.from_numpy(problem.training.matrix().toarray()) > 0
    assert (P[taken] == 0).all()
    free = (~taken).sum(dim=1, keepdim=True)
    assert (P * free)[~taken].sub(1).abs().max() < 0.25


def test_draws_follow_the_probabilities_and_avoid_what_was_taken():
    problem = toy_problem()
    sampler = negatives_of(problem, 0.3, per_row=200_000)
    p, factors, users = torch.tensor([0.1, 0.2, 0.7]), random_factors(problem), torch.tensor([5])
    drawn = torch.bincount(sampler.draw(users, p, factors)[0], minlength=50) / 200_000
    torch.testing.assert_close(drawn.double(), sampler.probabilities(users, p, factors)[0], rtol=0, atol=0.005)


def test_a_group_without_probability_gives_nothing():
    problem = toy_problem(groups=("a", "b"))
    sampler = negatives_of(problem, 0)
    P = sampler.probabilities(torch.tensor([0]), torch.tensor([1.0, 0.0]), random_factors(problem))[0]
    assert (P[sampler.C[:, 0] == 0] == 0).all()
    assert P.sum() == pytest.approx(1)


@pytest.mark.parametrize("mix", [0, 0.5])
def test_whoever_took_everything_and_whoever_took_all_of_the_only_group(mix):
    """The first is drawn any item, the second what is left, though it is of a group with probability 0."""
    problem = toy_problem(n_users=2)
    users, items = np.array([0] * 50 + [1] * 49), np.concatenate([np.arange(50), np.arange(49)])
    problem = dataclasses.replace(problem, training=Training(users, items, 2, 50))
    p = torch.tensor(np.eye(3)[next(k for k in range(3) if not problem.membership.matrix.toarray()[49, k])])
    P = negatives_of(problem, mix).probabilities(torch.tensor([0, 1]), p, random_factors(problem))
    assert (P[0] > 0).sum() > 10
    torch.testing.assert_close(P[1], torch.eye(50, dtype=torch.float64)[49])


def test_steps_by_hand():
    losses = torch.tensor([1.0, 3.0, 0.5], dtype=torch.float64)
    C = torch.tensor([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]], dtype=torch.float64)
    L = np.array([(1 + 1.5) / 1.5, (1.5 + 0.5) / 1.5])
    expected = torch.tensor([*(L - L.mean()), 0.0])
    torch.testing.assert_close(deviations(losses, C), expected)
    p = torch.tensor([0.2, 0.5, 0.3], dtype=torch.float64)
    torch.testing.assert_close(moved(p, torch.tensor([0.3, -0.1, 0.1])), torch.tensor([0, 0.75, 0.25]).double())
    torch.testing.assert_close(moved(p, torch.full((3,), 9.0)), p)


def test_momentum_is_a_moving_average_of_the_gradients(prepared):
    method = prepared("fairneg", rate=0.5, momentum=0.75)
    p, first = method.p.clone(), method.gradient()
    method.train_epoch()
    torch.testing.assert_close(method.p, moved(p, 0.5 * first))
    p, second = method.p.clone(), method.gradient()
    method.train_epoch()
    torch.testing.assert_close(method.p, moved(p, 0.5 * (0.75 * first + 0.25 * second)))


def test_without_rate_and_mix_it_trains_like_alpharec(train):
    """The same batches and steps, and negatives that are as good as uniform: the same loss, nearly."""
    _, reference = train("alpharec", epochs=8, negatives=64)
    method, report = train("fairneg", epochs=8, negatives=64, rate=0, mix=0)
    torch.testing.assert_close(method.p, method.negatives.C.mean(dim=0))
    assert report.loss == pytest.approx(reference.loss, rel=0.02)


def test_groups_that_score_too_low_give_fewer_negatives(train):
    method, report = train("fairneg", epochs=12, rate=1, momentum=0, mix=0)
    worst = int(method.gradient().argmax())
    kept, _ = train("fairneg", epochs=12, rate=0, mix=0)
    assert method.p[worst] < kept.p[worst]
    assert report.values["loss_gap"] >= 0


def test_groups_of_users_are_refused(prepared):
    with pytest.raises(BadInput, match="groups of items"):
        prepared("fairneg", toy_problem(side="user"))
