"""Popularity deconfounding, without and with adjusting."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from harness.models.losses import scores
from harness.testing import toy_problem

USERS = torch.arange(60)


def cosines(method, batch):
    """Scores of the batch's items, as the loss sees them."""
    return scores(method.factors(), batch).numpy()


def popularity(problem):
    counts = np.bincount(problem.training.items, minlength=problem.training.n_items)
    return (counts + 1) / (counts.max() + 1)


def by_hand(method, batch, problem):
    """The rows' losses, written with numpy as the equations are."""
    s, gamma, tau = cosines(method, batch), method.config.gamma, method.config.temperature
    m = popularity(problem)[np.column_stack([batch.items.numpy(), batch.negatives.numpy()])]
    if method.config.criterion == "bpr":
        f = s / tau
        P = np.where(f > 0, 1 + f, np.exp(np.minimum(f, 0))) * m**gamma
        return -np.log(expit(P[:, :1] - P[:, 1:])).mean(axis=1)
    P = np.exp((s - 1) / tau) * m**gamma
    return -np.log(P[:, 0] / P.sum(axis=1))


@pytest.mark.parametrize("criterion", ["info_nce", "bpr"])
def test_the_reported_loss_is_the_equation(prepared, criterion):
    problem = toy_problem()
    options = {"criterion": criterion, "gamma": 0.7, "batch_size": 10_000}
    batch = next(iter(prepared("pd", problem, **options).batches))
    method = prepared("pd", problem, **options)
    expected = by_hand(method, batch, problem)
    assert method.train_epoch().loss == pytest.approx(expected.mean(), rel=1e-9)


@pytest.mark.parametrize("criterion", ["info_nce", "bpr"])
def test_a_step_follows_the_gradient_of_the_equation(prepared, criterion, follows):
    problem = toy_problem()
    options = {"criterion": criterion, "gamma": 0.7, "batch_size": 10_000, "weight_decay": 0, "learning_rate": 1e-3}
    batch = next(iter(prepared("pd", problem, **options).batches))
    method = prepared("pd", problem, **options)
    follows(method, lambda: by_hand(method, batch, problem).mean())


@pytest.mark.parametrize("options", [{}, {"propagation": "input", "shared_negatives": True}])
def test_without_popularity_it_is_alpharec(train, options):
    reference, expected = train("alpharec", epochs=2, **options)
    method, report = train("pd", epochs=2, gamma=0, criterion="info_nce", **options)
    assert torch.equal(method.theta, reference.theta)
    assert report == expected


def test_what_users_took_of_shared_negatives_does_not_count(train):
    """A hidden negative would make the loss infinite or change it: every item is a negative of every row here."""
    options = {"criterion": "bpr", "propagation": "input", "shared_negatives": True, "negatives": 49}
    method, report = train("pd", **options)
    assert np.isfinite(report.loss)
    assert torch.isfinite(method.theta).all()


@pytest.mark.parametrize("criterion", ["info_nce", "bpr"])
def test_popularity_is_explained_away(lean, criterion):
    """The more popularity explains, the less popular are the items that score high; adjusting brings them back."""
    learning = {"learning_rate": 0.01, "criterion": criterion}
    assert lean("pd", gamma=1, **learning) < lean("pd", gamma=0, **learning) - 0.1
    assert lean("pda", gamma=1, adjust=1, **learning) > lean("pd", gamma=1, **learning) + 0.1


def test_pda_without_adjustment_ranks_as_pd(train):
    for criterion in ("info_nce", "bpr"):
        pd, _ = train("pd", criterion=criterion)
        pda, _ = train("pda", criterion=criterion, adjust=0)
        assert torch.equal(pda.theta, pd.theta)
        assert torch.equal(pda.score(USERS).argsort(dim=1), pd.score(USERS).argsort(dim=1))


@pytest.mark.parametrize(("criterion", "shift"), [("info_nce", 1), ("bpr", 0)])
def test_pda_scores_by_the_equation(train, criterion, shift):
    problem = toy_problem()
    method, _ = train("pda", problem, criterion=criterion, adjust=0.5)
    f = (method.factors().users @ method.factors().items.T).numpy() / method.config.temperature
    f = f - shift / method.config.temperature
    expected = np.where(f > 0, 1 + f, np.exp(np.minimum(f, 0))) * popularity(problem) ** 0.5
    np.testing.assert_allclose(method.score(USERS).numpy(), expected, rtol=1e-9)
    history = problem.training.matrix()[[3, 4]]
    np.testing.assert_allclose(method.score_histories(history).numpy(), expected[[3, 4]], rtol=1e-6)
