"""Counterfactual reasoning on scores of items and users alone."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from harness.testing import toy_problem

USERS = torch.arange(60)
OPTIONS = {"alpha": 0.3, "beta": 0.2, "c": 1.5}
ONE_STEP = {"batch_size": 10_000, "weight_decay": 0, "learning_rate": 1e-3}


def plain(method):
    """AlphaRec's own factors of users and of items."""
    factors = method.views.factors(method.theta)
    return factors.users.numpy(), factors.items.numpy()


def by_hand(method, batch):
    """The mean loss, written with numpy as the equation is."""
    (users, items), config = plain(method), method.config
    w_u, w_i = method.w.numpy()
    rows = np.column_stack([batch.items.numpy(), batch.negatives.numpy()])
    u, i = users[batch.users.numpy()], items[rows]
    y_u, y_i = u @ w_u, i @ w_i
    y_k = np.einsum("bd,bnd->bn", u, i) / config.temperature
    y = y_k * expit(y_i) * expit(y_u)[:, None]

    def task(y):
        return -np.log(expit(y[:, 0])) - np.log(1 - expit(y[:, 1:])).mean(axis=1)

    of_users = -np.log(expit(y_u)) - np.log(1 - expit(y_u))
    return (task(y) + config.alpha * task(y_i) + config.beta * of_users).mean()


def one_batch(prepared, problem):
    """A method, and the batch that is its first epoch."""
    batch = next(iter(prepared("macr", problem, **OPTIONS, **ONE_STEP).batches))
    return prepared("macr", problem, **OPTIONS, **ONE_STEP), batch


def test_the_reported_loss_is_the_equation(prepared):
    method, batch = one_batch(prepared, toy_problem())
    expected = by_hand(method, batch)
    assert method.train_epoch().loss == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["theta", "w"])
def test_a_step_follows_the_gradient_of_the_equation(prepared, name, follows):
    method, batch = one_batch(prepared, toy_problem())
    follows(method, lambda: by_hand(method, batch), name, 11 if name == "theta" else 1)


def test_scores_are_counterfactual(train):
    """Of users and of histories: (y_k − c) σ(y_i) σ(y_u)."""
    problem = toy_problem()
    method, _ = train("macr", problem, **OPTIONS)
    (users, items), (w_u, w_i) = plain(method), method.w.numpy()
    y_k = users @ items.T / method.config.temperature
    expected = (y_k - 1.5) * expit(items @ w_i) * expit(users @ w_u)[:, None]
    np.testing.assert_allclose(method.score(USERS).numpy(), expected, rtol=1e-9)
    new = method.score_histories(problem.training.matrix()[[3, 4]])
    np.testing.assert_allclose(new.numpy(), expected[[3, 4]], rtol=1e-6)


def test_modules_that_say_the_same_of_everything_leave_alpharecs_ranking(train, prepared):
    reference = prepared("alpharec")
    method = prepared("macr", c=3)
    method.restore({**method.state(), "w": torch.zeros_like(method.w)})
    assert torch.equal(method.theta, reference.theta)
    torch.testing.assert_close(method.score(USERS), (reference.score(USERS) / 0.15 - 3) / 4)


def test_c_changes_scores_and_no_training(train):
    first, one = train("macr", epochs=2, c=0)
    second, two = train("macr", epochs=2, c=5)
    assert one == two
    assert torch.equal(first.theta, second.theta)
    assert torch.equal(first.w, second.w)
    assert not torch.equal(first.score(USERS), second.score(USERS))


def test_what_users_took_of_shared_negatives_does_not_count(train):
    """Every item is a negative of every row, and those that the row's user took have a score of −∞."""
    method, report = train("macr", propagation="input", shared_negatives=True, negatives=49)
    assert np.isfinite(report.loss)
    assert torch.isfinite(method.theta).all()
    assert torch.isfinite(method.w).all()


def test_the_item_module_learns_popularity_and_c_takes_it_off(train, lean, skewed):
    options = {"alpha": 1.0, "learning_rate": 0.01}
    method, _ = train("macr", skewed, 30, **options)
    counts = np.bincount(skewed.training.items, minlength=skewed.training.n_items)
    assert np.corrcoef(plain(method)[1] @ method.w[1].numpy(), np.log(counts + 1))[0, 1] > 0.6
    assert lean("macr", 30, **options, c=6) < lean("macr", 30, **options, c=0) - 0.05
