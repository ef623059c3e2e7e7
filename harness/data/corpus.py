"""A filtered data set, indexed and hashed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.base.late import pl
from harness.domain.interactions import Indices


@dataclass(frozen=True, eq=False)
class Corpus:
    """A filtered data set. Row i of ``items`` describes item index i; indices follow the hash of the raw id.

    Attributes:
        users: column ``user`` (raw id) and what describes users, n_users rows in index order
        items: column ``item`` (raw id) and what describes items, n_items rows in index order
        user_indices, item_indices: the positive interactions, unique, sorted by (user, item), each shape (n,)
        digest: a hash of ids, interactions and metadata; the same for every source and row order of the same data
        counts: what was left out, by reason
        order: when each interaction happened, shape (n,): seconds since 1970, ``UNKNOWN`` where not known; or its
            place in the user's own history; None where the data set tells neither
        order_is_time: whether ``order`` is time, comparable between users
        given: the part of each interaction, 0 to 2, where the data come divided, shape (n,); else None
        notes: what people should know of the data, a line each
    """

    users: pl.DataFrame
    items: pl.DataFrame
    user_indices: Indices
    item_indices: Indices
    digest: str
    counts: dict[str, int]
    order: Indices | None = None
    order_is_time: bool = False
    given: npt.NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()

    @property
    def n_users(self) -> int:
        return self.users.height

    @property
    def n_items(self) -> int:
        return self.items.height

    def __len__(self) -> int:
        """The number of interactions."""
        return len(self.user_indices)
