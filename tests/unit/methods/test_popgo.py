"""A shortcut model of popularity alone, and what it leaves to learn."""

import numpy as np
import pytest
import torch

from harness.models.losses import scores
from harness.testing import toy_problem

ONE_STEP = {"batch_size": 10_000, "weight_decay": 0, "learning_rate": 1e-3}


def by_hand(method, degrees, batch, problem):
    """The mean loss, written with numpy as the equation is."""
    training = problem.training
    of_users = np.bincount(training.users, minlength=training.n_users)
    of_items = np.bincount(training.items, minlength=training.n_items)
    u = np.searchsorted(np.unique(of_users), of_users[batch.users.numpy()])
    i = np.searchsorted(np.unique(of_items), of_items[np.column_stack([batch.items.numpy(), batch.negatives.numpy()])])
    logits = scores(method.factors(), batch).numpy() * degrees.numpy()[u[:, None], i] / method.config.temperature
    exponentials = np.exp(logits)
    return -np.log(exponentials[:, 0] / exponentials.sum(axis=1)).mean()


@pytest.fixture
def one_batch(prepared, train):
    """A method before its first epoch, the degrees that it learns, and the batch that the epoch is."""
    problem = toy_problem()
    degrees = train("popgo", problem, **ONE_STEP)[0].degrees
    batch = next(iter(prepared("popgo", problem, **ONE_STEP).batches))
    return prepared("popgo", problem, **ONE_STEP), degrees, batch, problem


def test_the_reported_loss_is_the_equation(one_batch):
    method, degrees, batch, problem = one_batch
    expected = by_hand(method, degrees, batch, problem)
    assert method.train_epoch().loss == pytest.approx(expected, rel=1e-9)


def test_a_step_follows_the_gradient_of_the_equation(one_batch, follows):
    method, degrees, batch, problem = one_batch
    follows(method, lambda: by_hand(method, degrees, batch, problem))


def test_a_shortcut_model_that_says_the_same_of_all_pairs_is_alpharec(prepared, train):
    """σ(0) = ½ of every cosine at temperature τ is AlphaRec at 2τ."""
    reference, expected = train("alpharec", epochs=2, temperature=0.25)
    method = prepared("popgo", temperature=0.125)
    method.degrees = torch.full((50, 50), 0.5, dtype=torch.float64)
    report = [method.train_epoch() for _ in range(2)][1]
    assert torch.equal(method.theta, reference.theta)
    assert report == expected


def test_the_shortcut_model_sees_popularity_alone(train, skewed):
    """The more popular an item, the greater its degree; it is learnt, and then kept."""
    options = {"shortcut_rate": 0.01, "shortcut_steps": 150}
    method, _ = train("popgo", skewed, **options)
    first = method.degrees.clone()
    assert ((first > 0) & (first < 1)).all()
    counts = np.unique(np.bincount(skewed.training.items, minlength=skewed.training.n_items))
    assert first.shape == (1, len(counts)), "everybody took ten items"
    assert np.corrcoef(first[0], counts)[0, 1] > 0.7
    method.train_epoch()
    assert torch.equal(method.degrees, first)


def test_it_is_the_shortcut_models_own_infonce(train):
    """Cosines of the levels' vectors: the items taken come to lie nearer than the negatives."""
    problem = toy_problem()
    untrained, trained = (train("popgo", problem, shortcut_steps=n, shortcut_rate=0.05)[0].degrees for n in (0, 150))
    of_items = np.bincount(problem.training.items, minlength=problem.training.n_items)
    levels = np.searchsorted(np.unique(of_items), of_items)

    def advantage(degrees):
        by_item = degrees.numpy().mean(axis=0)[levels]
        return by_item[problem.training.items].mean() - by_item.mean()

    assert advantage(trained) > advantage(untrained) + 0.01


def test_what_the_shortcut_explains_is_not_learnt_again(lean):
    """Beside degrees of random vectors, which explain nothing."""
    options = {"learning_rate": 0.01, "shortcut_rate": 0.05}
    assert lean("popgo", 30, shortcut_steps=500, **options) < lean("popgo", 30, shortcut_steps=0, **options) - 0.03


def test_scores_are_alpharecs_cosines(train):
    method, _ = train("popgo")
    scores = method.score(torch.arange(60))
    users, items = method.vectors()
    torch.testing.assert_close(scores, users @ items.T)
    torch.testing.assert_close(users.norm(dim=1), torch.ones(60, dtype=torch.float64))
