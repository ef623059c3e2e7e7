"""EASE against ridge regressions, one for every item."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from harness.methods.ease import BLOCK, EASE, EASEConfig, inverse

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


@pytest.mark.parametrize("n", [1, 7, BLOCK + 3])
def test_the_inverse_is_symmetric_and_one(n: int) -> None:
    rows = np.random.default_rng(n).standard_normal((n, n // 2 + 1))
    matrix = rows @ rows.T + 2 * np.eye(n)
    found = inverse(matrix.copy())
    np.testing.assert_array_equal(found, found.T)
    np.testing.assert_allclose(found @ matrix, np.eye(n), atol=1e-9)


def test_a_matrix_that_has_none_is_said_to_be_ill_conditioned() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="ill-conditioned matrix: not positive definite at row 2"):
        inverse(np.ones((3, 3)))


def test_what_a_large_catalogue_takes_is_said_before_it_begins() -> None:
    small, large = EASE(EASEConfig()), EASE(EASEConfig())
    small.prepare(toy_problem(text=False))
    large.prepare(toy_problem(n_items=12_000, text=False))
    assert small.foretold() == ""
    assert re.search(r"12,000 × 12,000 items .* at most 2\.7 GiB of memory, about [\d,]+ s$", large.foretold())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not say a process's peak")
def test_the_memory_that_is_said_is_enough() -> None:
    """Peak growth of a fresh process whose Gram matrix is as dense as can be."""
    script = (
        "import re, numpy as np, scipy.sparse as sparse, torch\n"
        "from pathlib import Path\n"
        "from harness.methods.ease import EASE, EASEConfig, MOST_BYTES\n"
        "def peak():  # of this process alone: getrusage begins at its parent's\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    return 1024 * int(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
        "X = sparse.csr_array(np.ones((30, 4000), dtype=np.float32))\n"
        "EASE(EASEConfig()).solve(X[:, :200])\n"
        "before = peak()\n"
        "EASE(EASEConfig()).solve(X)\n"
        "print((peak() - before) / (MOST_BYTES * 4000**2))\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True)
    assert 0.5 < float(done.stdout) < 1.1
