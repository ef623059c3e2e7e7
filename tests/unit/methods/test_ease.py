"""EASE against ridge regressions, one for every item."""

import numpy as np
import pytest
import torch
from harness.methods.ease import EASE, EASEConfig

from harness.testing import toy_problem


@pytest.mark.parametrize("l2", [0.5, 20.0])
def test_each_column_is_the_ridge_regression_on_the_other_items(l2: float) -> None:
    problem = toy_problem(text=False)
    method = EASE(EASEConfig(l2=l2))
    method.prepare(problem)
    method.train_epoch()
    X = problem.training.matrix().toarray().astype(np.float64)
    n_items = X.shape[1]
    expected = np.zeros((n_items, n_items))
    for j in range(n_items):
        others = np.flatnonzero(np.arange(n_items) != j)
        stacked = np.vstack([X[:, others], np.sqrt(l2) * np.eye(n_items - 1)])
        expected[others, j] = np.linalg.lstsq(stacked, np.concatenate([X[:, j], np.zeros(n_items - 1)]))[0]
    np.testing.assert_allclose(method.state()["B"].numpy(), expected, atol=1e-6)
    np.testing.assert_allclose(method.score(torch.arange(60)).numpy(), X @ expected, atol=1e-5)
