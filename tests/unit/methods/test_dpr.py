"""The adversary on scores, and the divergence of the users' scores from the normal."""

import dataclasses

import numpy as np
import pytest
import torch
from harness.methods.dpr import chance, divergence, error, of_negatives
from torch.distributions import Normal, kl_divergence

from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.plugins import Problem
from harness.testing import toy_problem


def told_by_scores() -> Problem:
    """Half of the items are for one of two tastes, which their vectors say, half are taken by anybody.

    Taken items of the first kind score higher than those of the second, so that a score gives the group away.
    """
    draw, taste = np.random.default_rng(0), np.arange(60) % 2
    kind = np.arange(25) % 2
    taken = [
        [*draw.choice(np.flatnonzero(kind == own), 6, False), *draw.choice(range(25, 50), 6, False)] for own in taste
    ]
    training = Training(np.repeat(np.arange(60), 12), np.concatenate(np.sort(taken)), 60, 50)
    Z = draw.normal(size=(50, 16))
    Z[:25] += 6 * np.eye(16)[kind]
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    membership = Membership.from_labels("toy", "item", [["for a taste"]] * 25 + [["for anybody"]] * 25)
    whole = toy_problem()
    return dataclasses.replace(whole, training=training, embeddings=Z.astype(np.float32), membership=membership)


def test_without_weights_it_is_alpharec(train):
    reference, _ = train("alpharec", epochs=2)
    for goal in ("rsp", "reo"):
        method, _ = train("dpr", epochs=2, alpha=0, beta=0, goal=goal)
        assert torch.equal(method.theta, reference.theta)


def test_divergence_is_that_of_normal_distributions_with_the_scores_moments():
    torch.manual_seed(0)
    factors = Factors(torch.randn(12, 3, dtype=torch.float64), 5)
    scores = (factors.users @ factors.items.T / 0.3).numpy()
    normal = Normal(torch.tensor(scores.mean(axis=1)), torch.tensor(scores.std(axis=1)))
    expected = kl_divergence(normal, Normal(torch.zeros(5).double(), 1.0)).mean()
    torch.testing.assert_close(divergence(factors, 0.3), expected)


def test_error_and_chance_by_hand():
    """Two groups of 2 and 10 members; three rows, one in both."""
    g = np.array([[1, 0], [0, 1], [1, 1]], dtype=float)
    omega = g @ np.array([1 / 2, 1 / 10])
    a = np.array([[0.3, -1.0], [2.0, 0.5], [-0.7, 0.1]])
    guess = 1 / (1 + np.exp(-a))
    expected = sum(omega[b] * ((guess[b] - g[b]) ** 2).sum() for b in range(3)) / omega.sum()
    assert float(error(*map(torch.tensor, (a, g, omega)))) == pytest.approx(expected)
    blind = [
        sum(omega[b] * ((m - g[b]) ** 2).sum() for b in range(3)) / omega.sum()
        for m in np.random.default_rng(0).random((200, 2))
    ]
    assert float(chance(torch.tensor(g), torch.tensor(omega))) <= min(blind)


@pytest.mark.parametrize("goal", ["rsp", "reo"])
def test_a_step_follows_the_objective(prepared, goal):
    """One batch of everything: Adam's first step on the formula, written out, against the adversary as it then is."""
    options = {"alpha": 2.0, "beta": 0.5, "goal": goal, "batch_size": 100_000}
    method, twin = prepared("dpr", **options), prepared("dpr", **options)
    (batch,) = twin.batches
    method.train_epoch()
    theta = twin.theta.requires_grad_(True)
    factors = twin.backbone.factors(twin.Z, theta)
    s = factors.users @ factors.items.T / 0.15
    rows = torch.arange(len(batch.users))
    logits = torch.cat([s[batch.users, batch.items][:, None], s[batch.users[:, None], batch.negatives]], dim=1)
    seen, items = (logits[:, :1], batch.items) if goal == "reo" else (
        torch.cat([logits[:, :1], logits[:, 1:2]]), torch.cat([batch.items, batch.negatives[:, 0]])
    )  # fmt: skip
    marks = toy_problem().membership.matrix.toarray()
    g = torch.tensor(marks[items], dtype=torch.float64)
    omega = g @ torch.tensor(1 / marks.sum(axis=0), dtype=torch.float64)
    wrong = (torch.sigmoid(method.adversary.network(seen)) - g).square().sum(dim=1)
    kl = (s.mean(1) ** 2 + s.var(1, correction=0) - s.var(1, correction=0).log() - 1).mean() / 2
    loss = -torch.log_softmax(logits, dim=1)[rows, 0].mean() - 2.0 * omega @ wrong / omega.sum() + 0.5 * kl
    (gradient,) = torch.autograd.grad(loss, theta)
    start = prepared("dpr", **options).theta
    step = method.theta - start
    large = gradient.abs() > 1e-3
    torch.testing.assert_close(step[large], -0.002 * gradient[large].sign(), rtol=1e-3, atol=0)


def gap_of(method, training):
    """By how much the taken items of the first group score above those of the second."""
    factors = method.factors()
    s = (factors.users[torch.tensor(training.users)] * factors.items[torch.tensor(training.items)]).sum(dim=1)
    first = torch.tensor(training.items < 25)
    return float(s[first].mean() - s[~first].mean())


@pytest.mark.parametrize("alpha", [3, 30])
def test_the_adversary_learns_what_scores_give_away_unless_it_is_played_against(train, alpha):
    """Its error over chance's is far below 1 when nobody minds it, and near 1 when scores are to hide the groups."""
    options = {"problem": told_by_scores(), "epochs": 30, "adversary_steps": 10, "beta": 0}
    looked_on, alone = train("dpr", alpha=0, **options)
    played, against = train("dpr", alpha=alpha, **options)
    assert alone.values["adversary_error"] < 0.5
    assert against.values["adversary_error"] > 0.85
    training = options["problem"].training
    assert gap_of(looked_on, training) > 0.1
    assert gap_of(played, training) < 0.5 * gap_of(looked_on, training)


def test_the_divergence_makes_users_scores_normal(train):
    options = {"problem": told_by_scores(), "epochs": 30, "alpha": 0, "learning_rate": 0.01}
    (far, _), (near, _) = (train("dpr", beta=beta, **options) for beta in (0, 1))
    assert divergence(near.factors(), 0.15) < 0.2 * divergence(far.factors(), 0.15)


def test_rows_that_share_negatives_take_them_in_turn():
    users = torch.tensor([0, 1, 2, 3, 4])
    own = Batch(users, users, torch.arange(10).view(5, 2))
    assert of_negatives(own).items.tolist() == [0, 2, 4, 6, 8]
    shared = Batch(users, users, torch.tensor([7, 8]))
    assert of_negatives(shared).items.tolist() == [7, 8, 7, 8, 7]
