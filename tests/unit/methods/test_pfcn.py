"""The filter on vectors, and the adversary that tells groups from what comes out."""

import dataclasses

import numpy as np
import pytest
import torch
from harness.methods.pfcn import chance, error, shown

from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.plugins import Problem
from harness.testing import toy_problem


def told_by_tastes(side: str = "user") -> Problem:
    """Two groups of users who like one half of the items each, four times out of five."""
    draw, group = np.random.default_rng(0), np.arange(60) % 2
    kind = np.arange(50) % 2
    taken = [
        [*draw.choice(np.flatnonzero(kind == own), 8, False), *draw.choice(np.flatnonzero(kind != own), 2, False)]
        for own in group
    ]
    training = Training(np.repeat(np.arange(60), 10), np.concatenate(np.sort(taken)), 60, 50)
    Z = draw.normal(size=(50, 16)) + 3 * np.eye(16)[kind]
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    users = Membership.from_labels("toy", "user", [["left", "right"][own : own + 1] for own in group])
    items = Membership.from_labels("toy", "item", [["even", "odd"][own : own + 1] for own in kind])
    membership = {"user": users, "item": items, "both": Membership.two_sided("toy", items, users)}[side]
    return dataclasses.replace(toy_problem(), training=training, embeddings=Z.astype(np.float32), membership=membership)


def told_apart(vectors: torch.Tensor) -> float:
    """How many of the second half of the users a line between the first half's two means puts on the right side."""
    group = torch.arange(60) % 2
    known, unknown = vectors[:30], vectors[30:]
    means = [known[group[:30] == own].mean(dim=0) for own in (0, 1)]
    line = means[1] - means[0]
    guess = (unknown - (means[0] + means[1]) / 2) @ line > 0
    return float((guess.long() == group[30:]).double().mean())


def test_without_filter_and_weight_it_is_alpharec(train):
    reference, _ = train("alpharec", epochs=2)
    for side in ("user", "item"):
        method, _ = train("pfcn", epochs=2, lam=0, filter=False, problem=toy_problem(side=side))
        assert torch.equal(method.theta, reference.theta)


def test_error_and_chance_by_hand():
    C = np.array([[1, 0, 0], [0.5, 0.5, 0], [0, 1, 0]])
    a = np.array([[0.2, -0.3, 1.0], [1.5, 0.1, 0.0], [-1.0, 2.0, 0.4]])
    softmax = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    assert float(error(torch.tensor(a), torch.tensor(C))) == pytest.approx(-(C * np.log(softmax)).sum() / 3)
    assert float(chance(torch.tensor(C))) == pytest.approx(np.log(2))


def test_everybody_is_shown_once_with_their_own_vector():
    vectors, C = torch.arange(4)[:, None], 10 * torch.arange(9)[:, None]
    members, places = torch.tensor([7, 2, 7, 5, 2]), torch.tensor([1, 3, 1, 0, 3])
    found, groups = shown(vectors, places, C, members)
    assert found[:, 0].tolist() == [3, 0, 1]
    assert groups[:, 0].tolist() == [20, 50, 70]


def test_a_step_follows_the_objective(prepared):
    """One batch of everything: Adam's first step on the formula, written out, against the adversary as it then is."""
    options = {"problem": told_by_tastes(), "lam": 2.0, "batch_size": 100_000}
    method, twin = prepared("pfcn", **options), prepared("pfcn", **options)
    before = {name: tensor.clone() for name, tensor in twin.state().items()}
    (batch,) = twin.batches
    method.train_epoch()
    theta = twin.theta.requires_grad_(True)
    factors, weights = twin.backbone.factors(twin.Z, theta), twin.filters["user"].parameters
    for tensor in weights.values():
        tensor.requires_grad_(True)
    hidden = torch.nn.functional.leaky_relu(factors.users @ weights["0.weight"].T + weights["0.bias"])
    users = torch.nn.functional.leaky_relu(hidden @ weights["1.weight"].T + weights["1.bias"])
    users = users / users.norm(dim=1, keepdim=True)
    s = users @ factors.items.T / 0.15
    logits = torch.cat([s[batch.users, batch.items][:, None], s[batch.users[:, None], batch.negatives]], dim=1)
    guesses = torch.log_softmax(method.adversaries["user"].network(users), dim=1)
    right = guesses[torch.arange(60), torch.arange(60) % 2].mean()
    loss = -torch.log_softmax(logits, dim=1)[:, 0].mean() + 2.0 * right
    learnt = {"theta": theta, **{f"filter/user/{name}": tensor for name, tensor in weights.items()}}
    for (name, after), gradient in zip(learnt.items(), torch.autograd.grad(loss, list(learnt.values())), strict=True):
        after = method.state()[name]
        large = gradient.abs() > 1e-3
        assert large.any()
        torch.testing.assert_close((after - before[name])[large], -0.002 * gradient[large].sign(), rtol=1e-3, atol=0)


@pytest.mark.parametrize(("filtered", "lam", "rate"), [(True, 0.3, 0.002), (False, 4, 0.01)])
def test_the_adversary_learns_the_groups_unless_they_are_hidden(train, filtered, lam, rate):
    """Its error over chance's, and users that it never saw: a line through what is known of others tells them apart."""
    options = {"problem": told_by_tastes(), "epochs": 60, "filter": filtered, "learning_rate": rate}
    open_, alone = train("pfcn", lam=0, **options)
    hidden, against = train("pfcn", lam=lam, **options)
    assert alone.values["user_adversary_error"] < 0.3
    assert against.values["user_adversary_error"] > 0.8
    assert told_apart(open_.vectors()[0]) > 0.9
    assert told_apart(hidden.vectors()[0]) < 0.75


def test_both_sides_have_filters_and_adversaries_of_their_own(train):
    method, report = train("pfcn", told_by_tastes("both"))
    assert set(method.filters) == set(method.adversaries) == {"user", "item"}
    assert set(report.values) == {"user_adversary_error", "item_adversary_error"}


def test_new_users_are_filtered_like_the_others(train):
    problem = told_by_tastes()
    method, _ = train("pfcn", problem, epochs=2)
    torch.testing.assert_close(method.user_vectors(problem.training.matrix()), method.vectors()[0])
