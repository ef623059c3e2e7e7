"""The three parts of a split. They are different types on purpose: what selects cannot be handed test data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse

Indices = npt.NDArray[np.int64]
UNKNOWN = np.iinfo(np.int64).min
"""Stands for a time that is not known."""


@dataclass(frozen=True, eq=False)
class Interactions:
    """Pairs of user and item indices.

    Attributes:
        users: user index of each interaction, shape (n,), in [0, n_users)
        items: item index of each interaction, shape (n,), in [0, n_items)
        n_users, n_items: sizes of the whole catalogue, not only of this part

    Pairs are unique and sorted by (user, item). Item indices follow a hash of the raw item id, so breaking a
    tie by index is breaking it by hash.
    """

    users: Indices
    items: Indices
    n_users: int
    n_items: int

    def __post_init__(self) -> None:
        if self.users.shape != self.items.shape or self.users.ndim != 1:
            raise ValueError(f"users {self.users.shape} and items {self.items.shape} must be equally long vectors")

    def __len__(self) -> int:
        return len(self.users)

    def matrix(self) -> sparse.csr_array:
        """The interactions as a 0/1 matrix, shape (n_users, n_items)."""
        ones = np.ones(len(self), dtype=np.float32)
        return sparse.csr_array((ones, (self.users, self.items)), shape=(self.n_users, self.n_items))


class Training(Interactions):
    """What methods learn from."""


class Validation(Interactions):
    """What selects: early stopping, configurations, trials."""


class Test(Interactions):
    """What reports, once, after everything has been selected."""

    __test__ = False  # pytest: not a test class


@dataclass(frozen=True)
class Split:
    """One split of a data set; ``digest`` is a hash of all three parts."""

    training: Training
    validation: Validation
    test: Test
    digest: str
