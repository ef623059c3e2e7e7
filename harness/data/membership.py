"""Who belongs to which group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from harness.errors import BadInput

Side = Literal["item", "user"]


@dataclass(frozen=True, eq=False)
class Membership:
    """Groups of items (or users), possibly overlapping; everyone belongs to at least one.

    Attributes:
        grouping: the grouping's name
        side: whether rows are items or users
        names: the groups' names, length K
        matrix: 0/1, shape (n, K): row i marks the groups of item (user) i
    """

    grouping: str
    side: Side
    names: tuple[str, ...]
    matrix: csr_array

    def __post_init__(self) -> None:
        if self.matrix.shape[1] != len(self.names):
            raise ValueError(f"{len(self.names)} names for {self.matrix.shape[1]} groups")
        groupless = int((np.diff(self.matrix.indptr) == 0).sum())
        if groupless:
            raise BadInput(
                f"grouping '{self.grouping}': {groupless} of {self.matrix.shape[0]} {self.side}s belong to no group; "
                "put them into a named group (such as 'unlabelled')"
            )

    @classmethod
    def from_labels(
        cls, grouping: str, side: Side, labels: Iterable[Sequence[str]], order: Sequence[str] | None = None
    ) -> "Membership":
        """Build from each item's (user's) list of group names; groups in ``order``, else by name.

        Raises:
            BadInput: where somebody has no label.
        """
        rows = [list(dict.fromkeys(row)) for row in labels]
        names = tuple(order) if order is not None else tuple(sorted({name for row in rows for name in row}))
        column = {name: k for k, name in enumerate(names)}
        indices = np.array([column[name] for row in rows for name in row], dtype=np.int64)
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        ones = np.ones(len(indices), dtype=np.float32)
        return cls(grouping, side, names, csr_array((ones, indices, indptr), shape=(len(rows), len(names))))

    @property
    def shares(self) -> csr_array:
        """C: rows sum to 1, an item with three genres counts a third in each; shape (n, K)."""
        per_row = np.diff(self.matrix.indptr)
        return csr_array(
            (self.matrix.data / np.repeat(per_row, per_row), self.matrix.indices, self.matrix.indptr),
            shape=self.matrix.shape,
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Members of each group; one with several groups counts in each."""
        return dict(zip(self.names, self.matrix.sum(axis=0).astype(int).tolist(), strict=True))
