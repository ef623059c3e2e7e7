"""Who belongs to which group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput
from harness.base.late import sparse
from harness.domain.interactions import Indices

Side = Literal["item", "user", "both"]


@dataclass(frozen=True, eq=False)
class Membership:
    """Groups of items, of users or of both, possibly overlapping; everyone belongs to at least one.

    Attributes:
        grouping: the grouping's name
        side: whether rows are items, users, or all items and then all users
        names: the groups' names, length K
        matrix: 0/1, shape (n, K): row i marks the groups of item (user) i
        notes: what people should know of how the groups were made, a line each
        parts: of a two-sided membership the item side and the user side, whose groups follow each other; else empty
    """

    grouping: str
    side: Side
    names: tuple[str, ...]
    matrix: sparse.csr_array
    notes: tuple[str, ...] = ()
    parts: tuple[Membership, ...] = ()

    def __post_init__(self) -> None:
        if self.matrix.shape[1] != len(self.names):
            raise ValueError(f"{len(self.names)} names for {self.matrix.shape[1]} groups")
        if len(set(self.names)) != len(self.names):
            raise ValueError(f"grouping '{self.grouping}': two groups have one name")
        if (self.matrix.data != 1).any():
            raise ValueError(f"grouping '{self.grouping}': memberships are 0 or 1; is a pair there twice?")
        if (self.side == "both") != bool(self.parts):
            raise ValueError("a two-sided membership, and no other, has parts")
        groupless = int((np.diff(self.matrix.indptr) == 0).sum())
        if groupless:
            raise BadInput(
                f"grouping '{self.grouping}': {groupless} of {self.matrix.shape[0]} {self.side}s belong to no group; "
                "put them into a named group (such as 'unlabelled')"
            )

    @classmethod
    def from_labels(
        cls, grouping: str, side: Side, labels: Iterable[Sequence[str]], order: Sequence[str] | None = None
    ) -> Membership:
        """Build from each item's (user's) list of group names; groups in ``order``, else by name.

        Raises:
            BadInput: where somebody has no label, one that is no text, or one that ``order`` lacks.
        """
        rows = [_label_row(grouping, side, member, row) for member, row in enumerate(labels)]
        found = {name for row in rows for name in row}
        names = tuple(order) if order is not None else tuple(sorted(found))
        column = {name: k for k, name in enumerate(names)}
        if strange := found - column.keys():
            raise BadInput(f"grouping '{grouping}': the label '{min(strange)}' is not in the order {list(names)}")
        indices = np.array([column[name] for row in rows for name in row], dtype=np.int64)
        members = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        return cls.from_pairs(grouping, side, names, members, indices, len(rows))

    @classmethod
    def from_pairs(
        cls,
        grouping: str,
        side: Side,
        names: Sequence[str],
        members: Indices,
        groups: Indices,
        n: int,
        notes: tuple[str, ...] = (),
    ) -> Membership:
        """Build from unique pairs: item (user) ``members[j]`` of ``n`` belongs to the group ``names[groups[j]]``.

        Raises:
            BadInput: where somebody is in no pair.
        """
        ones = np.ones(len(members), dtype=np.float32)
        matrix = sparse.csr_array((ones, (members, groups)), shape=(n, len(names)))
        return cls(grouping, side, tuple(names), matrix, notes)

    @classmethod
    def two_sided(cls, grouping: str, items: Membership, users: Membership) -> Membership:
        """Groups of items and groups of users at once; their names say which."""
        names = tuple(f"{part.side} {name}" for part in (items, users) for name in part.names)
        matrix = sparse.csr_array(sparse.block_array([[items.matrix, None], [None, users.matrix]], format="csr"))
        return cls(grouping, "both", names, matrix, items.notes + users.notes, (items, users))

    @property
    def sides(self) -> tuple[Membership, ...]:
        """The one-sided memberships that this one consists of: itself, or its two parts."""
        return self.parts or (self,)

    def marks(self, users: Indices, items: Indices) -> sparse.csr_array:
        """The groups of interactions, 0/1, shape (b, K): those of the item, of the user, or of both."""
        return sparse.csr_array(
            sparse.hstack([part.matrix[part._members(users, items)] for part in self.sides], format="csr")
        )

    def shares_of(self, users: Indices, items: Indices) -> sparse.csr_array:
        """C of interactions, shape (b, K), rows sum to 1: where both sides are grouped, each has a half."""
        shares = [part.shares[part._members(users, items)] for part in self.sides]
        return sparse.csr_array(sparse.hstack(shares, format="csr") / len(shares))

    def short_rows(self) -> Iterator[tuple[Membership, Indices, npt.NDArray[np.float64]]]:
        """What everyone gives to an interaction's C, by side: the part, columns of C and shares, each shape (n, m).

        m is the largest number of groups that somebody has; rows with fewer end in shares of 0 of column 0.
        """
        offset = 0
        for part in self.sides:
            shares = part.shares
            per_row = np.diff(shares.indptr)
            filled = np.arange(per_row.max(initial=1)) < per_row[:, None]
            columns, values = np.zeros(filled.shape, dtype=np.int64), np.zeros(filled.shape)
            columns[filled], values[filled] = offset + shares.indices, shares.data / len(self.sides)
            offset += len(part.names)
            yield part, columns, values

    def _members(self, users: Indices, items: Indices) -> Indices:
        """Who of each interaction is grouped by this side, shape (b,)."""
        return items if self.side == "item" else users

    @cached_property
    def shares(self) -> sparse.csr_array:
        """C: rows sum to 1, an item with three genres counts a third in each; shape (n, K)."""
        per_row = np.diff(self.matrix.indptr)
        return sparse.csr_array(
            (self.matrix.data / np.repeat(per_row, per_row), self.matrix.indices, self.matrix.indptr),
            shape=self.matrix.shape,
        )

    def totals(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Sums over the members of each group, of values of everyone: shape (n, …) to (K, …)."""
        return np.asarray(self._members_of @ values)

    def shared_totals(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """The same where everyone's values are divided among their groups: Cᵀ times them."""
        return np.asarray(self._shares_of_groups @ values)

    @cached_property
    def _members_of(self) -> sparse.csr_array:
        return sparse.csr_array(self.matrix.T.astype(np.float64))

    @cached_property
    def _shares_of_groups(self) -> sparse.csr_array:
        return sparse.csr_array(self.shares.T)

    @property
    def digest(self) -> str:
        """A hash of who is grouped, the groups' names and everyone's groups."""
        matrix = self.matrix.sorted_indices()
        hasher = hashlib.blake2b(json.dumps([self.side, *self.names], ensure_ascii=False).encode(), digest_size=8)
        for indices in (matrix.indptr, matrix.indices):
            hasher.update(indices.astype("<i8").tobytes())
        return hasher.hexdigest()

    @property
    def sizes(self) -> dict[str, int]:
        """Members of each group; one with several groups counts in each."""
        return dict(zip(self.names, self.matrix.sum(axis=0).astype(int).tolist(), strict=True))


def _label_row(grouping: str, side: Side, member: int, labels: Sequence[str]) -> list[str]:
    """The labels of one item (user), each once.

    Raises:
        BadInput: for a text in the place of a list of texts, whose letters would become groups, and for other things.
    """
    if isinstance(labels, str) or not all(isinstance(label, str) for label in labels):
        raise BadInput(
            f"grouping '{grouping}': the labels of {side} {member} are {labels!r}: a list of texts is needed, "
            "such as ['unlabelled']"
        )
    return list(dict.fromkeys(labels))
