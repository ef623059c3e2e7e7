"""The arithmetic of public AlphaRec code, as a baseline: per batch, everything, with gathered vectors and COO products.

Projector on every user and item, propagation by ``torch.sparse.mm`` on a COO matrix, then the vectors of the batch's
users, items and 256 negatives each are gathered, normalised and multiplied. Users' inputs R̃Z are computed once.
"""

import torch
from torch.nn import functional

from harness.domain.interactions import Interactions
from harness.models.batches import Batch
from harness.models.graph import adjacency, history
from harness.models.projector import Projector


class Reference:
    """One AlphaRec step after another, on batches that are given.

    Args:
        interactions: training interactions
        Z: shape (n_items, d_lm)
        theta: starting values; the two layers with LeakyReLU of ``projector``
        layers, temperature, learning_rate, weight_decay: AlphaRec's
    """

    def __init__(
        self,
        interactions: Interactions,
        Z: torch.Tensor,
        projector: Projector,
        theta: torch.Tensor,
        layers: int = 2,
        temperature: float = 0.15,
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-6,
    ) -> None:
        self.projector, self.layers, self.temperature = projector, layers, temperature
        self.theta = theta.clone().requires_grad_(True)
        self.Z = Z
        self.inputs = torch.as_tensor(history(interactions) @ Z.numpy()).float()
        self.n_users = interactions.n_users
        graph = adjacency(interactions).tocoo()
        places = torch.as_tensor([graph.row.tolist(), graph.col.tolist()])
        values = torch.as_tensor(graph.data).float()
        self.graph = torch.sparse_coo_tensor(places, values, graph.shape, check_invariants=False).coalesce()
        self.optimizer = torch.optim.Adam([self.theta], lr=learning_rate, weight_decay=weight_decay)

    def loss(self, batch: Batch) -> torch.Tensor:
        """The mean InfoNCE loss of the batch."""
        layer = torch.cat([self.projector(self.theta, self.inputs), self.projector(self.theta, self.Z)])
        layers = [layer]
        for _ in range(self.layers):
            layers.append(torch.sparse.mm(self.graph, layers[-1]))
        final = torch.stack(layers, dim=1).mean(dim=1)
        users, items = final[: self.n_users], final[self.n_users :]
        u = functional.normalize(users[batch.users], dim=-1)
        positive = functional.normalize(items[batch.items], dim=-1)
        negative = functional.normalize(items[batch.negatives], dim=-1)  # (B, N, d)
        logits = torch.cat([(u * positive).sum(-1, keepdim=True), torch.einsum("bd,bnd->bn", u, negative)], dim=1)
        logits = logits / self.temperature
        return (torch.logsumexp(logits, dim=1) - logits[:, 0]).mean()

    def step(self, batch: Batch) -> None:
        """One step of Adam."""
        self.optimizer.zero_grad()
        self.loss(batch).backward()
        self.optimizer.step()
