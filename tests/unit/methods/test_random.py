"""Random scores: uniform, different for every user, a fixed function of the seed."""

import numpy as np
import torch
from harness.methods.random import Random, mixed
from scipy.stats import chisquare, kstest

from harness.testing import toy_problem


def scores(seed: int = 0, n_users: int = 2000) -> torch.Tensor:
    method = Random(Random.Config())
    method.prepare(toy_problem(seed, text=False))
    return method.score(torch.arange(n_users))


def test_mixing_is_the_published_generator() -> None:
    """SplitMix64 from state 0: its first two outputs, as in every implementation."""
    golden = 0x9E3779B97F4A7C15 - (1 << 64)
    found = [value % (1 << 64) for value in mixed(torch.tensor([0, golden])).tolist()]
    assert found == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_scores_are_uniform() -> None:
    table = scores().double()
    assert kstest(table.flatten().numpy(), "uniform").pvalue > 0.01
    assert table.min() >= 0
    assert table.max() < 1


def test_every_item_is_first_equally_often() -> None:
    first = scores(n_users=5000).argmax(dim=1).numpy()
    assert chisquare(np.bincount(first, minlength=50)).pvalue > 0.01


def test_users_and_seeds_are_independent() -> None:
    table, other = scores(), scores(seed=1)
    correlations = np.corrcoef(table[:300].numpy()) - np.eye(300)
    assert abs(correlations).max() < 0.7  # of 45,000 pairs over 50 items each
    assert abs(correlations.mean()) < 0.01
    assert abs(np.corrcoef(table.flatten().numpy(), other.flatten().numpy())[0, 1]) < 0.02
