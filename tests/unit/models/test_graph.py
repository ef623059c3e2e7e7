"""History and graph against their dense closed forms."""

import numpy as np
import pytest

from harness.domain.interactions import Interactions
from harness.models.graph import adjacency, history

# User 2 and item 3 are isolated.
PAIRS = Interactions(np.array([0, 0, 1, 1, 1, 3]), np.array([0, 1, 0, 2, 4, 1]), n_users=4, n_items=5)
DENSE = np.zeros((4, 5))
DENSE[PAIRS.users, PAIRS.items] = 1


def test_history_averages_what_a_user_took() -> None:
    Z = np.random.default_rng(0).normal(size=(5, 3))
    means = history(PAIRS) @ Z
    for user in (0, 1, 3):
        np.testing.assert_allclose(means[user], Z[DENSE[user] == 1].mean(axis=0), rtol=1e-14)
    np.testing.assert_array_equal(means[2], 0)


def test_adjacency_is_the_normalised_bipartite_graph() -> None:
    A = np.block([[np.zeros((4, 4)), DENSE], [DENSE.T, np.zeros((5, 5))]])
    degrees = A.sum(axis=1)
    scale = np.where(degrees > 0, degrees, np.inf) ** -0.5
    np.testing.assert_allclose(adjacency(PAIRS).toarray(), scale[:, None] * A * scale, rtol=1e-14)


def test_adjacency_is_symmetric_to_the_last_bit() -> None:
    """It is promised to be its own adjoint."""
    draw = np.random.default_rng(5)
    users, items = (draw.random((30, 40)) < 0.2).nonzero()
    graph = adjacency(Interactions(users, items, 30, 40)).toarray()
    np.testing.assert_array_equal(graph, graph.T)


def test_propagation_neither_grows_nor_loses_the_stationary_vector() -> None:
    """Eigenvalues lie in [−1, 1]; √degree is a fixed point."""
    graph = adjacency(PAIRS).toarray()
    assert np.abs(np.linalg.eigvalsh(graph)).max() == pytest.approx(1)
    root = np.sqrt(np.concatenate([DENSE.sum(1), DENSE.sum(0)]))
    np.testing.assert_allclose(graph @ root, root, atol=1e-12)
