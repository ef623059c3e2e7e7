"""Sampled negatives: items that a user did not take in training, drawn for each row or for the whole batch."""

from __future__ import annotations

import numpy as np

from harness.base.changing import Changing
from harness.base.late import torch
from harness.domain.interactions import Interactions

LARGEST_TABLE = 50_000_000


class OwnNegatives(Changing):
    """Uniform items for each row, with replacement, redrawn until none was taken (uniform for who took everything).

    Args:
        taken: what counts as taken
        per_row: N
        generator: of the draws
    """

    changes = ("_generator",)

    def __init__(self, taken: Interactions, per_row: int, generator: torch.Generator) -> None:
        self.n_items = taken.n_items
        self.per_row = per_row
        self._generator = generator
        self._taken = TakenLookup(taken, generator.device)

    def draw(self, users: torch.Tensor) -> torch.Tensor:
        """Items, shape (B, N), for users (B,)."""
        size = (len(users), self.per_row)
        items = self._uniform(len(users) * self.per_row)
        rows = users.repeat_interleave(self.per_row)
        wrong = self._taken(rows, items).nonzero().squeeze(1)
        while len(wrong):
            redrawn = self._uniform(len(wrong))
            items[wrong] = redrawn
            wrong = wrong[self._taken(rows[wrong], redrawn)]
        return items.view(size)

    def _uniform(self, size: int) -> torch.Tensor:
        return torch.randint(self.n_items, (size,), generator=self._generator, device=self._generator.device)


class SharedNegatives(Changing):
    """Uniform items for all rows of a batch; a row does not count those that its user took.

    Args:
        taken: what counts as taken
        size: items drawn per batch, with replacement; those drawn twice count once
        generator: of the draws
    """

    changes = ("_generator",)

    def __init__(self, taken: Interactions, size: int, generator: torch.Generator) -> None:
        device = generator.device
        self.n_items = taken.n_items
        self.size = size
        self._generator = generator
        per_user = np.bincount(taken.users, minlength=taken.n_users)
        self._counts = torch.as_tensor(per_user, device=device)
        self._starts = torch.as_tensor(np.cumsum(per_user) - per_user, device=device)
        order = np.lexsort((taken.items, taken.users))
        self._items = torch.as_tensor(taken.items[order], device=device)
        self._place = torch.full((taken.n_items,), -1, dtype=torch.int64, device=device)

    def draw(self, users: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Distinct items, shape (c,), c ≤ ``size``, and (row, position) of those that the row's user took, (2, p)."""
        drawn = torch.randint(self.n_items, (self.size,), generator=self._generator, device=self._generator.device)
        items = torch.unique(drawn)
        self._place[items] = torch.arange(len(items), device=items.device)
        counts = self._counts[users]
        rows = torch.arange(len(users), device=users.device).repeat_interleave(counts)
        first = (self._starts[users] - (counts.cumsum(0) - counts)).repeat_interleave(counts)
        places = self._place[self._items[first + torch.arange(len(rows), device=rows.device)]]
        self._place[items] = -1
        hit = places >= 0
        return items, torch.stack([rows[hit], places[hit]])


class TakenLookup:
    """Answers "did this user take this item?" for many pairs at once.

    A table of users × items where that has at most ``largest_table`` entries, else a binary search among the sorted
    pairs.
    """

    def __init__(self, interactions: Interactions, device: torch.device, largest_table: int = LARGEST_TABLE) -> None:
        self.n_items = interactions.n_items
        self._keys = torch.as_tensor(np.unique(interactions.users * self.n_items + interactions.items), device=device)
        self._everything = torch.as_tensor(
            np.bincount(interactions.users, minlength=interactions.n_users) >= self.n_items, device=device
        )
        size = interactions.n_users * interactions.n_items
        self._table: torch.Tensor | None = None
        if size <= largest_table:
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
