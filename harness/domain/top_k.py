"""Top-K lists judged against targets: what metrics look at, each count made once however many metrics ask for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from harness.domain.interactions import Indices, Interactions, Training

if TYPE_CHECKING:
    from harness.domain.ranking import Ranking

Values = npt.NDArray[np.float64]
Found = TypeVar("Found")


def discounts(k: int) -> Values:
    """1/log2(r + 1) for ranks r = 1 … k, shape (k,)."""
    return 1.0 / np.log2(np.arange(2, k + 2))


@dataclass(frozen=True, eq=False)
class Judged:
    """A ranking, the targets that it was to find and what was never recommended; one pass of sums serves every cut-off.

    Attributes:
        ranking: the lists, shape (u, K)
        target: targets of the ranked users
        masked: disjoint parts whose items were never recommended to the same user
    """

    ranking: "Ranking"
    target: Interactions
    masked: Sequence[Interactions] = ()
    _found: dict[Callable[..., Any], Any] = field(default_factory=dict, init=False, repr=False)

    def at(self, k: int) -> "TopK":
        """The first k of every list, 1 ≤ k ≤ K."""
        return TopK(self, k)

    def once(self, of: Callable[["Judged"], Found]) -> Found:
        """What a function says of these lists: called once, however many metrics and cut-offs ask."""
        if of not in self._found:
            self._found[of] = of(self)
        return cast(Found, self._found[of])

    @cached_property
    def hit_counts(self) -> Indices:
        """Hits up to each rank, shape (u, K)."""
        return np.cumsum(self.ranking.hits, axis=1)

    @cached_property
    def discounted_hits(self) -> Values:
        """Discounted hits up to each rank, shape (u, K)."""
        return np.cumsum(self.ranking.hits * discounts(self.ranking.k), axis=1)

    @cached_property
    def precisions(self) -> Values:
        """Precision at each rank that is a hit, summed up to each rank, shape (u, K)."""
        return np.cumsum(self.hit_counts * self.ranking.hits / np.arange(1, self.ranking.k + 1), axis=1)

    @cached_property
    def first_hit(self) -> Indices:
        """Rank of the first hit, from 1; K + 1 where there is none; shape (u,)."""
        hits = self.ranking.hits
        return np.where(hits.any(axis=1), hits.argmax(axis=1), self.ranking.k) + 1

    @cached_property
    def lengths(self) -> Indices:
        """Items in each list, shape (u,)."""
        items = self.ranking.items
        short = items[:, -1] < 0
        found = np.full(len(items), self.ranking.k)
        found[short] = np.count_nonzero(items[short] >= 0, axis=1)
        return found

    @cached_property
    def listed(self) -> "ByRank":
        """Every listed item."""
        return ByRank.of(self.ranking.items, self.ranking.items >= 0)

    @cached_property
    def hits(self) -> "ByRank":
        """Every hit."""
        return ByRank.of(self.ranking.items, self.ranking.hits)

    @cached_property
    def target_counts(self) -> Indices:
        """Targets by item, shape (n_items,)."""
        return np.bincount(self.target.items, minlength=self.target.n_items)

    @cached_property
    def masked_counts(self) -> list[Indices]:
        """By masked part, interactions of ranked users by item, each shape (n_items,)."""
        ranked = np.zeros(self.target.n_users, dtype=bool)
        ranked[self.ranking.users] = True
        return [np.bincount(part.items[ranked[part.users]], minlength=part.n_items) for part in self.masked]

    @cached_property
    def candidates(self) -> Indices:
        """By item, the ranked users to whom it could have been recommended, shape (n_items,)."""
        free = np.full(self.target.n_items, len(self.ranking.users))
        for counts in self.masked_counts:
            free -= counts
        return free

    @cached_property
    def popularity(self) -> Indices | None:
        """Training interactions by item, shape (n_items,); None where no training part is among the masked ones."""
        return _counted([part.items for part in self._training], self.target.n_items)

    @cached_property
    def activity(self) -> Indices | None:
        """Training interactions by user, shape (n_users,); None where no training part is among the masked ones."""
        return _counted([part.users for part in self._training], self.target.n_users)

    @cached_property
    def choices(self) -> Indices:
        """By user, the items that could have been recommended, shape (n_users,)."""
        free = np.full(self.target.n_users, self.target.n_items)
        for part in self.masked:
            free -= np.bincount(part.users, minlength=part.n_users)
        return free

    @cached_property
    def ranked_choices(self) -> Indices:
        """The same of the ranked users, shape (u,)."""
        return self.choices[self.ranking.users]

    @property
    def _training(self) -> list[Training]:
        return [part for part in self.masked if isinstance(part, Training)]


def _counted(parts: list[Indices], n: int) -> Indices | None:
    """How often each of n indices occurs in all parts together; None where there is no part."""
    return np.bincount(np.concatenate(parts), minlength=n) if parts else None


@dataclass(frozen=True, eq=False)
class ByRank:
    """Places of lists, the first ranks first.

    Attributes:
        items: the item at each place, shape (n,)
        places: how many places there are at each rank, shape (K,)
        which: the places as a table of lists, shape (u, K)
    """

    items: Indices
    places: Indices
    which: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, items: Indices, which: npt.NDArray[np.bool_]) -> "ByRank":
        """The places of lists of ``items`` that ``which`` tells, both shape (u, K)."""
        return cls(items.T[which.T], which.sum(axis=0), which)

    @cached_property
    def lists(self) -> Indices:
        """The list that each place is of, shape (n,)."""
        return np.flatnonzero(np.ascontiguousarray(self.which.T)) % len(self.which)

    def count(self, k: int, n_items: int, weights: Values | None = None) -> Values:
        """By item, its places at the first k ranks, shape (n_items,).

        Args:
            weights: what a place at each rank counts, shape (k,); 1 where it is not given
        """
        items = self.items[: self._until(k)]
        repeated = None if weights is None else self._repeated(weights, k)
        return np.bincount(items, repeated, minlength=n_items).astype(np.float64)

    def by_list(self, k: int, weights: Values, worth: Values | None = None) -> Values:
        """By list, what its places at the first k ranks count, shape (u,).

        Args:
            weights: what a place at each rank counts, shape (k,)
            worth: factors of items, shape (n_items,); 1 where they are not given
        """
        given = self._repeated(weights, k)
        if worth is not None:
            given = given * worth[self.items[: self._until(k)]]
        found: Values = np.bincount(self.lists[: self._until(k)], given, len(self.which)).astype(np.float64, copy=False)
        return found

    def _until(self, k: int) -> int:
        """How many places the first k ranks have."""
        return int(self.places[:k].sum())

    def _repeated(self, weights: Values, k: int) -> Values:
        """Weights of the first k ranks at every place of theirs."""
        places = self.places[:k]
        return np.repeat(weights[: len(places)], places)


@dataclass(frozen=True, eq=False)
class TopK:
    """The first k of every list.

    Attributes:
        judged: the whole lists
        k: the cut-off
    """

    judged: Judged
    k: int

    @property
    def users(self) -> Indices:
        """The ranked users, shape (u,)."""
        return self.judged.ranking.users

    @property
    def items(self) -> Indices:
        """Items, best first, shape (u, k); -1 ends a list that is shorter."""
        return self.judged.ranking.items[:, : self.k]

    @property
    def hits(self) -> npt.NDArray[np.bool_]:
        """Which items are targets of their user, shape (u, k)."""
        return self.judged.ranking.hits[:, : self.k]

    @property
    def lengths(self) -> Indices:
        """Items in each list, shape (u,)."""
        return np.minimum(self.judged.lengths, self.k)

    @property
    def n_relevant(self) -> Indices:
        """Targets of each user, at least 1, shape (u,)."""
        return self.judged.ranking.n_relevant

    @property
    def n_items(self) -> int:
        """Size of the catalogue."""
        return self.judged.target.n_items

    @property
    def choices(self) -> Indices:
        """Items that could have been recommended to each ranked user, shape (u,)."""
        return self.judged.ranked_choices

    @property
    def popularity(self) -> Indices | None:
        """Training interactions by item, shape (n_items,); None where they are not known."""
        return self.judged.popularity

    @property
    def activity(self) -> Indices | None:
        """Training interactions of each ranked user, shape (u,); None where they are not known."""
        return None if self.judged.activity is None else self.judged.activity[self.users]

    @property
    def hit_counts(self) -> Indices:
        """Hits of each user, shape (u,)."""
        return self.judged.hit_counts[:, self.k - 1]

    @property
    def discounted_hits(self) -> Values:
        """Hits of each user, discounted by rank, shape (u,)."""
        return self.judged.discounted_hits[:, self.k - 1]

    @cached_property
    def exposure(self) -> Indices:
        """Lists that show each item, shape (n_items,)."""
        return self.judged.listed.count(self.k, self.n_items).astype(np.int64)

    @cached_property
    def discounted_exposure(self) -> Values:
        """Lists that show each item, each counting 1/log2(r + 1) at rank r, shape (n_items,)."""
        return self.judged.listed.count(self.k, self.n_items, discounts(self.k))

    @cached_property
    def hits_by_item(self) -> Values:
        """Hits of each item, shape (n_items,)."""
        return self.judged.hits.count(self.k, self.n_items)

    @cached_property
    def gains_by_item(self) -> Values:
        """Hits of each item, discounted by rank, shape (n_items,)."""
        return self.judged.hits.count(self.k, self.n_items, discounts(self.k))
