"""A problem that popularity explains."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from harness.domain.interactions import Training
from harness.plugins import Method, Problem
from harness.testing import toy_problem

Lean = Callable[..., float]
Follows = Callable[..., None]


@pytest.fixture
def skewed() -> Problem:
    """Everybody takes ten items, drawn by a popularity that falls from the first item on; taste plays no part."""
    problem = toy_problem(d_lm=50)
    training, draw = problem.training, np.random.default_rng(1)
    share = 1 / np.arange(1, training.n_items + 1)
    items = [
        np.sort(draw.choice(training.n_items, 10, replace=False, p=share / share.sum()))
        for _ in range(training.n_users)
    ]
    users = np.repeat(np.arange(training.n_users), 10)
    taken = Training(users, np.concatenate(items), training.n_users, training.n_items)
    return dataclasses.replace(problem, training=taken, embeddings=np.eye(50, dtype=np.float32))


@pytest.fixture
def lean(train: Callable[..., Any], skewed: Problem) -> Lean:
    """``lean(name, **options)``: how popular the ten items are that a trained method puts first, 1 where most are."""

    def _lean(name: str, epochs: int = 15, **options: Any) -> float:
        method: Method = train(name, skewed, epochs, **options)[0]
        counts = np.bincount(skewed.training.items, minlength=skewed.training.n_items)
        first = method.score(torch.arange(skewed.training.n_users)).topk(10).indices.numpy()
        return float(counts[first].mean() / np.sort(counts)[-10:].mean())

    return _lean


@pytest.fixture
def follows() -> Follows:
    """``follows(method, loss)``: the epoch's only step goes down the loss, at a rate of 1e-3.

    Adam's first step is the learning rate against the sign of each derivative, here by finite differences of ``loss()``
    in every 17th entry of θ, or in each ``every``-th of the state called ``name``.
    """

    def _follows(method: Method, loss: Callable[[], float], name: str = "theta", every: int = 17) -> None:
        state = method.state()
        places = range(0, state[name].numel(), every)
        derivatives = []
        for place in places:
            losses = []
            for step in (1e-5, -1e-5):
                changed = state[name].clone()
                changed.view(-1)[place] += step
                method.restore({**state, name: changed})
                losses.append(loss())
            derivatives.append((losses[0] - losses[1]) / 2e-5)
        method.restore(state)
        method.train_epoch()
        moved = (method.state()[name] - state[name]).view(-1)[list(places)].numpy()
        clear = np.abs(derivatives) > 1e-4
        assert clear.sum() > 5
        np.testing.assert_allclose(moved[clear], -1e-3 * np.sign(derivatives)[clear], rtol=1e-2)

    return _follows
