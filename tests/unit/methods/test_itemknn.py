"""ItemKNN against a dense cosine and a sort."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from harness.methods.itemknn import ItemKNN, ItemKNNConfig
from scipy.spatial.distance import cdist

from harness.domain.interactions import Training
from harness.testing import toy_problem


class InNarrowBlocks(ItemKNN):
    block = 7


class OfCommonPairs(ItemKNN):
    dense = math.inf


class OfAllPairs(ItemKNN):
    block, dense = 7, 0.0


def fitted(kind: type[ItemKNN] = ItemKNN, **options: float) -> tuple[ItemKNN, np.ndarray]:
    """The method, and X."""
    problem = toy_problem(text=False)
    method = kind(ItemKNNConfig.model_validate(options))
    method.prepare(problem)
    method.train_epoch()
    return method, problem.training.matrix().toarray().astype(np.float64)


def test_all_neighbours_give_the_cosine() -> None:
    method, X = fitted(neighbours=50, shrink=0)
    warm = X[:, :48]  # the last two items were taken by nobody: their cosine is not defined, their similarity 0
    similarity = np.zeros((50, 50))
    similarity[:48, :48] = 1 - cdist(warm.T, warm.T, "cosine")
    np.fill_diagonal(similarity, 0)
    np.testing.assert_allclose(method.score(torch.arange(60)).numpy(), X @ similarity, atol=1e-5)


@pytest.mark.parametrize("k", [1, 5, 49, 50])
def test_both_ways_find_the_same_to_the_bit(k: int) -> None:
    (one, _), (other, _) = (fitted(kind, neighbours=k) for kind in (OfCommonPairs, OfAllPairs))
    for name, found in one.state().items():
        assert torch.equal(found, other.state()[name]), name


@pytest.mark.parametrize("kind", [InNarrowBlocks, OfCommonPairs, OfAllPairs])
def test_each_item_listens_to_its_nearest_ties_by_index(kind: type[ItemKNN]) -> None:
    method, X = fitted(kind, neighbours=5, shrink=3)
    together, norms = X.T @ X, np.sqrt(X.sum(axis=0))
    similarity = together / (np.outer(norms, norms) + 3)
    np.fill_diagonal(similarity, 0)
    kept = np.zeros_like(similarity)
    for j in range(50):
        nearest = sorted(range(50), key=lambda i: (-similarity[i, j], i))[:5]
        kept[nearest, j] = similarity[nearest, j]
    np.testing.assert_allclose(method.score(torch.arange(60)).numpy(), X @ kept, atol=1e-5)


def test_shrinkage_weakens_pairs_seen_rarely() -> None:
    """A pair seen once, by the only user of both, has cosine 1 and with shrinkage 5 only 1/6."""
    training = Training(np.array([0, 0, 1, 2]), np.array([0, 1, 2, 2]), 3, 3)
    problem = dataclasses.replace(toy_problem(text=False), training=training)
    for shrink, expected in ((0, 1.0), (5, 1 / 6)):
        method = ItemKNN(ItemKNNConfig(shrink=shrink))
        method.prepare(problem)
        method.train_epoch()
        assert method.score(torch.tensor([0])).tolist() == [pytest.approx([expected, expected, 0.0])]
