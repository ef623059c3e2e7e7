"""The two matrices that training interactions give, a user's history and the user–item graph, and propagation."""

import numpy as np
import torch
from scipy.sparse import block_array, csr_array, diags_array

from harness.domain.interactions import Interactions
from harness.models.sparse import SparseOperator


def history(interactions: Interactions) -> csr_array:
    """R̃: row-normalised interactions, so that R̃Z is the mean of the Z of the items each user took.

    Returns:
        shape (n_users, n_items); rows of users without interactions are zero.
    """
    matrix = interactions.matrix()
    return csr_array(diags_array(_inverse(matrix.sum(axis=1))) @ matrix)


def adjacency(interactions: Interactions) -> csr_array:
    """Â = D^-½ A D^-½: the symmetrically normalised user–item graph of LightGCN (He et al. 2020, eq. 8).

    Returns:
        symmetric, shape (n_users + n_items, n_users + n_items), users first.
    """
    matrix = interactions.matrix()
    per_user = np.sqrt(_inverse(matrix.sum(axis=1)))
    per_item = np.sqrt(_inverse(matrix.sum(axis=0)))
    normalised = diags_array(per_user) @ matrix @ diags_array(per_item)
    return csr_array(block_array([[None, normalised], [normalised.T, None]]))


def propagated(graph: SparseOperator, X: torch.Tensor, layers: int) -> torch.Tensor:
    """X_{l+1} = ÂX_l from X_0 = X, mean over the layers 0 … ``layers``, shape of X (He et al. 2020, eq. 7 and 8)."""
    layer = total = X
    for _ in range(layers):
        layer = graph @ layer
        total = total + layer
    return total / (layers + 1)


def _inverse(degrees: np.ndarray) -> np.ndarray:
    """1/degree, and 0 for the isolated."""
    degrees = np.asarray(degrees, dtype=np.float64)
    return np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0)
