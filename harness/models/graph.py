"""The two matrices that training interactions give, a user's history and the user–item graph, and propagation."""

from __future__ import annotations

import numpy as np

from harness.base.late import sparse, torch
from harness.domain.interactions import Interactions
from harness.models.sparse import SparseOperator


def history(interactions: Interactions) -> sparse.csr_array:
    """R̃: row-normalised interactions, so that R̃Z is the mean of the Z of the items each user took.

    Returns:
        shape (n_users, n_items); rows of users without interactions are zero.
    """
    matrix = interactions.matrix()
    return sparse.csr_array(sparse.diags_array(_inverse(matrix.sum(axis=1))) @ matrix)


def adjacency(interactions: Interactions) -> sparse.csr_array:
    """Â = D^-½ A D^-½: the symmetrically normalised user–item graph of LightGCN (He et al. 2020, eq. 8).

    Returns:
        symmetric, shape (n_users + n_items, n_users + n_items), users first.
    """
    matrix = interactions.matrix()
    per_user = np.sqrt(_inverse(matrix.sum(axis=1)))
    per_item = np.sqrt(_inverse(matrix.sum(axis=0)))
    normalised = sparse.diags_array(per_user) @ matrix @ sparse.diags_array(per_item)
    return sparse.csr_array(sparse.block_array([[None, normalised], [normalised.T, None]]))


def propagated(graph: SparseOperator, X: torch.Tensor, layers: int) -> torch.Tensor:
    """X_{l+1} = ÂX_l from X_0 = X, mean over the layers 0 … ``layers``, shape of X (He et al. 2020, eq. 7 and 8)."""
    layer = total = X
    for _ in range(layers):
        layer = graph @ layer
        total = total + layer
    return total / (layers + 1)


class NewUsers:
    """Users who join the graph when everything has been learnt: what items are to them and they to nobody.

    Their edges have Â's weights with the items' degrees as they were in training, so that whoever comes again with the
    history of training comes to the same place; the vectors of everybody else stay as they are.

    Args:
        histories: what they took, 0/1, shape (b, n_items)
        training: the interactions of the graph
        device, dtype: of all products
    """

    def __init__(
        self, histories: sparse.csr_array, training: Interactions, device: torch.device, dtype: torch.dtype
    ) -> None:
        per_user = np.asarray(histories.sum(axis=1), dtype=np.float64)
        per_item = np.bincount(training.items, minlength=training.n_items)
        mean = sparse.diags_array(_inverse(per_user)) @ histories
        edges = (
            sparse.diags_array(np.sqrt(_inverse(per_user)))
            @ histories
            @ sparse.diags_array(np.sqrt(_inverse(per_item)))
        )
        self.mean = SparseOperator(sparse.csr_array(mean), device=device, dtype=dtype)
        self.edges = SparseOperator(sparse.csr_array(edges), device=device, dtype=dtype)

    def propagated(self, own: torch.Tensor, graph: SparseOperator, X: torch.Tensor, layers: int) -> torch.Tensor:
        """The mean over the layers 0 … ``layers``, shape (b, d).

        Args:
            own: their layer 0, shape (b, d)
            graph: Â
            X: layer 0 of the users and items of the graph, shape (n_users + n_items, d)
        """
        n_items = self.edges.shape[1]
        layer, total = X, own
        for number in range(layers):
            layer = graph @ layer if number else layer
            total = total + self.edges @ layer[-n_items:].contiguous()
        return total / (layers + 1)


def _inverse(degrees: np.ndarray) -> np.ndarray:
    """1/degree, and 0 for the isolated."""
    degrees = np.asarray(degrees, dtype=np.float64)
    return np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0)
