"""Mini-batches of interactions with sampled negatives."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from harness.data.interactions import Interactions
from harness.models.sparse import Pattern


@dataclass(frozen=True)
class Batch:
    """Interactions of a batch.

    Attributes:
        users: shape (B,)
        items: the item taken, shape (B,)
        negatives: items the user did not take in training, shape (B, N)
    """

    users: torch.Tensor
    items: torch.Tensor
    negatives: torch.Tensor

    @cached_property
    def pattern(self) -> Pattern:
        """Which items each row is scored against: the item taken, then the negatives, shape (B, 1 + N)."""
        return Pattern(torch.cat([self.items[:, None], self.negatives], dim=1))


class BatchSampler:
    """Shuffled batches; each pass visits every interaction once.

    Negatives are uniform over the items that the user did not take in training (with replacement); for a user who took
    every item, uniform over all items.

    Args:
        interactions: what to visit
        taken: what counts as taken when negatives are drawn (all training interactions)
        batch_size: rows per batch; the last batch of a pass may be smaller
        n_negatives: N
        order, negatives: generators of the shuffling and of the negatives
    """

    def __init__(
        self,
        interactions: Interactions,
        taken: Interactions,
        batch_size: int,
        n_negatives: int,
        order: torch.Generator,
        negatives: torch.Generator,
    ) -> None:
        device = order.device
        self.users = torch.as_tensor(interactions.users, device=device)
        self.items = torch.as_tensor(interactions.items, device=device)
        self.n_items = interactions.n_items
        self.batch_size = batch_size
        self.n_negatives = n_negatives
        self._order = order
        self._negatives = negatives
        self._taken = TakenLookup(taken, device)

    def __len__(self) -> int:
        return -(-len(self.users) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        permutation = torch.randperm(len(self.users), generator=self._order, device=self.users.device)
        for rows in permutation.split(self.batch_size):
            users = self.users[rows]
            yield Batch(users, self.items[rows], self._draw(users))

    def forever(self) -> Iterator[Batch]:
        """Pass after pass, each with a new permutation."""
        while True:
            yield from self

    def _draw(self, users: torch.Tensor) -> torch.Tensor:
        """Uniform items, redrawn until none of them was taken."""
        size = (len(users), self.n_negatives)
        items = torch.randint(self.n_items, size, generator=self._negatives, device=users.device).reshape(-1)
        rows = users.repeat_interleave(self.n_negatives)
        wrong = self._taken(rows, items).nonzero().squeeze(1)
        while len(wrong):
            redrawn = torch.randint(self.n_items, (len(wrong),), generator=self._negatives, device=users.device)
            items[wrong] = redrawn
            wrong = wrong[self._taken(rows[wrong], redrawn)]
        return items.view(size)


class TakenLookup:
    """Answers "did this user take this item?" for many pairs at once.

    A table of users × items where that is small, else a binary search among the sorted pairs.
    """

    largest_table = 50_000_000

    def __init__(self, interactions: Interactions, device: torch.device) -> None:
        self.n_items = interactions.n_items
        self._keys = torch.as_tensor(np.unique(interactions.users * self.n_items + interactions.items), device=device)
        self._everything = torch.as_tensor(
            np.bincount(interactions.users, minlength=interactions.n_users) >= self.n_items, device=device
        )
        size = interactions.n_users * interactions.n_items
        self._table: torch.Tensor | None = None
        if size <= self.largest_table:
            self._table = torch.zeros(size, dtype=torch.bool, device=device)
            self._table[self._keys] = True
            self._table.view(interactions.n_users, self.n_items)[self._everything] = False

    def __call__(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """True where ``users`` took ``items`` (never for a user who took everything), shape of ``users``."""
        keys = users * self.n_items + items
        if self._table is not None:
            return self._table[keys]
        place = torch.searchsorted(self._keys, keys).clamp_(max=len(self._keys) - 1)
        return (self._keys[place] == keys) & ~self._everything[users]
