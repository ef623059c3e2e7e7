"""ItemKNN: items that the same people took; each item listens to its nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from harness.base.late import sparse, torch
from harness.base.sizes import BatchSize
from harness.models.item_to_item import ItemToItem, Weights
from harness.models.sparse import dense_product
from harness.plugins import MethodConfig, SearchRange


class ItemKNNConfig(MethodConfig):
    """The neighbourhood."""

    neighbours: BatchSize = Field(100, description="most similar items that each item listens to")
    shrink: float = Field(10.0, ge=0, description="added to the denominator: similarities of rarely seen pairs shrink")


class ItemKNN(ItemToItem):
    """score(u, j) = Σ_{i ∈ N(j), i taken by u} s_ij,  s_ij = |U_i ∩ U_j| / (√|U_i| √|U_j| + shrink).

    N(j): the items most similar to j, equally similar ones by index; U_i: the users who took i. The cosine of Sarwar et
    al. with the shrinkage of Bell and Koren, as Dacrema et al. tune it.
    """

    name = "itemknn"
    summary = "cosine between items' users, shrunk, over the nearest neighbours"
    reference = (
        "Sarwar et al., Item-based collaborative filtering recommendation algorithms, WWW 2001; "
        "Dacrema, Cremonesi and Jannach, RecSys 2019, arXiv 1907.06902"
    )
    block: ClassVar[int] = 1024
    """Items whose similarities are in memory at once."""
    dense: ClassVar[float] = 0.1
    """Times that a pair of items meets in a user, on average of a block's, from which on all pairs are looked at."""
    Config: ClassVar[type[MethodConfig]] = ItemKNNConfig
    config: ItemKNNConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "neighbours": SearchRange(5, 1000, log=True, integer=True),
        "shrink": SearchRange(0.0, 1000.0),
    }

    def solve(self, X: sparse.csr_array) -> dict[str, torch.Tensor]:
        columns = sparse.csr_array(X.T)
        norms = np.sqrt(np.maximum(np.diff(columns.indptr), 1))  # who was taken by nobody is similar to nothing
        meetings = columns @ np.diff(X.indptr)
        k = min(self.config.neighbours, X.shape[1])
        neighbours = np.zeros((X.shape[1], k), dtype=np.int64)
        similarities = np.zeros((X.shape[1], k), dtype=np.float32)
        for start in range(0, X.shape[1], self.block):
            block = slice(start, start + self.block)
            crowded = meetings[block].sum() > self.dense * len(meetings[block]) * X.shape[1]
            nearest = self._nearest_of_all if crowded else self._nearest
            neighbours[block], similarities[block] = nearest(columns[block], X, norms, start, k)
        return {"neighbours": torch.from_numpy(neighbours), "similarities": torch.from_numpy(similarities)}

    def weights(self, solution: Mapping[str, torch.Tensor]) -> Weights:
        neighbours, similarities = solution["neighbours"].numpy(), solution["similarities"].numpy()
        n_items, k = neighbours.shape
        by_listener = (similarities.reshape(-1), neighbours.reshape(-1), np.arange(n_items + 1) * k)
        return sparse.csr_array(sparse.csr_array(by_listener, shape=(n_items, n_items)).T)

    def _nearest(
        self, block: sparse.csr_array, X: sparse.csr_array, norms: np.ndarray, start: int, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k most similar items and their similarities for a block of items, each shape (b, k).

        Where fewer are similar at all the rest is item 0 with similarity 0.

        Args:
            block: the columns of X of some items, shape (b, n_users)
            norms: √|U_i|, 1 for an empty U_i, shape (n_items,)
            start: index of the block's first item
        """
        pairs = (block @ X).tocoo()
        rows, others = pairs.coords
        similarity = pairs.data / (norms[start + rows] * norms[others] + self.config.shrink)
        similarity[start + rows == others] = 0.0
        order = np.lexsort((others, -similarity, rows))
        rows, others, similarity = rows[order], others[order], similarity[order]
        first = np.searchsorted(rows, np.arange(block.shape[0]))
        place = np.arange(len(rows)) - first[rows]
        kept = (place < k) & (similarity > 0)
        found, values = np.zeros((block.shape[0], k), dtype=np.int64), np.zeros((block.shape[0], k))
        found[rows[kept], place[kept]] = others[kept]
        values[rows[kept], place[kept]] = similarity[kept]
        return found, values

    def _nearest_of_all(
        self, block: sparse.csr_array, X: sparse.csr_array, norms: np.ndarray, start: int, k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same, where many pairs have users in common: only the nearest are sorted."""
        rows = np.arange(block.shape[0])
        sizes = norms[start + rows, None] * norms
        sizes += self.config.shrink
        similarity = np.divide(dense_product(block, X).numpy(), sizes, out=sizes)
        similarity[rows, start + rows] = 0.0
        values, found = (part.numpy() for part in torch.topk(torch.from_numpy(similarity), min(k + 1, len(norms))))
        tied = np.flatnonzero((values[:, k - 1] == values[:, -1]) & (values[:, -1] > 0) & (k < len(norms)))
        values, found = values[:, :k], found[:, :k]
        order = np.lexsort((found, -values))
        values, found = np.take_along_axis(values, order, 1), np.take_along_axis(found, order, 1)
        for row in tied:  # which of the least similar ones are among them is not for topk to say
            least = values[row] == values[row, -1]
            found[row, least] = np.flatnonzero(similarity[row] == values[row, -1])[: least.sum()]
        found[values <= 0] = 0
        return found, values
