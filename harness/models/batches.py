"""Mini-batches of interactions with sampled negatives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.base.changing import Changing
from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.models.floors import Floors
from harness.models.negatives import OwnNegatives, SharedNegatives
from harness.models.pattern import Pattern
from harness.models.shared_pattern import SharedPattern


@dataclass(frozen=True)
class Batch:
    """Interactions of a batch, with negatives of their own.

    Attributes:
        users: shape (B,)
        items: the item taken, shape (B,)
        negatives: items the user did not take in training, shape (B, N)
        importance: ρ, what each row counts, shape (B,); None: all the same
    """

    users: torch.Tensor
    items: torch.Tensor
    negatives: torch.Tensor
    importance: torch.Tensor | None = field(default=None, kw_only=True)

    @cached_property
    def pattern(self) -> Pattern | SharedPattern:
        """Which items each row is scored against: the item taken, then the negatives, shape (B, 1 + N)."""
        return Pattern(torch.cat([self.items[:, None], self.negatives], dim=1))

    @property
    def total(self) -> torch.Tensor | int:
        """What all rows count together."""
        return len(self.users) if self.importance is None else self.importance.sum()

    def mean(self, losses: torch.Tensor) -> torch.Tensor:
        """The mean of the rows' losses, shape (B,), each as it counts."""
        return losses.mean() if self.importance is None else losses @ self.importance.to(losses.dtype) / self.total

    def renumbered(self) -> tuple[Batch, torch.Tensor, torch.Tensor]:
        """The batch in numbers of its own, and which users and which items these numbers mean, each ascending."""
        users, own_users = torch.unique(self.users, return_inverse=True)
        every = torch.cat([self.items, self.negatives.reshape(-1)])
        items, own_items = torch.unique(every, return_inverse=True)
        n = len(self.items)
        negatives = own_items[n:].view(self.negatives.shape)
        return replace(self, users=own_users, items=own_items[:n], negatives=negatives), users, items


@dataclass(frozen=True)
class SharedBatch(Batch):
    """Interactions of a batch whose rows share their negatives.

    Attributes:
        negatives: distinct items, shape (c,)
        hidden: (row, position in ``negatives``) of those that the row's user took, shape (2, p): they do not count
    """

    hidden: torch.Tensor

    @cached_property
    def pattern(self) -> SharedPattern:
        """As above, shape (B, 1 + c)."""
        return SharedPattern(self.items, self.negatives, self.hidden)


class BatchSampler(Changing):
    """Shuffled batches; each pass visits every interaction once.

    Args:
        interactions: what to visit
        taken: what counts as taken when negatives are drawn (all training interactions)
        batch_size: rows per batch; the last batch of a pass may be smaller
        n_negatives: N per row, or for the whole batch
        order, negatives: generators of the shuffling and of the negatives
        shared: whether the rows of a batch share their negatives
        floors: what fills batches up; such batches are larger
    """

    changes = ("_order", "_negatives", "_floors")

    def __init__(
        self,
        interactions: Interactions,
        taken: Interactions,
        batch_size: int,
        n_negatives: int,
        order: torch.Generator,
        negatives: torch.Generator,
        shared: bool = False,
        floors: Floors | None = None,
    ) -> None:
        device = order.device
        self.users = torch.as_tensor(interactions.users, device=device)
        self.items = torch.as_tensor(interactions.items, device=device)
        self.batch_size = batch_size
        self._order = order
        self._negatives = (SharedNegatives if shared else OwnNegatives)(taken, n_negatives, negatives)
        self._floors = floors

    def __len__(self) -> int:
        return -(-len(self.users) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        return map(self.batch, self.permutation().split(self.batch_size))

    def permutation(self) -> torch.Tensor:
        """The rows of the next pass, in its order."""
        return torch.randperm(len(self.users), generator=self._order, device=self.users.device)

    def forever(self) -> Passes:
        """Pass after pass, each with a new permutation."""
        return Passes(self)

    def batch(self, rows: torch.Tensor) -> Batch:
        """These interactions, and those that fill the batch up, with negatives drawn for them."""
        importance = None
        if self._floors is not None:
            rows, importance = self._floors.fill(rows)
        users, items = self.users[rows], self.items[rows]
        if isinstance(self._negatives, SharedNegatives):
            negatives, hidden = self._negatives.draw(users)
            return SharedBatch(users, items, negatives, hidden, importance=importance)
        return Batch(users, items, self._negatives.draw(users), importance=importance)


class Passes(Changing, Iterator[Batch]):
    """A sampler's batches without end: where one epoch stops taking them the next goes on."""

    changes = ("_sampler", "_permutation", "_place")

    def __init__(self, sampler: BatchSampler) -> None:
        self._sampler = sampler
        self._permutation: torch.Tensor | None = None
        self._place = 0

    def __next__(self) -> Batch:
        if self._permutation is None or self._place >= len(self._permutation):
            self._permutation, self._place = self._sampler.permutation(), 0
        rows = self._permutation[self._place : self._place + self._sampler.batch_size]
        self._place += len(rows)
        return self._sampler.batch(rows)
