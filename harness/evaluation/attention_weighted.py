"""Attention-weighted rank fairness: how far each list's exposure of groups is from the catalogue.

Sapiezynski et al. 2019. Of two groups that is |ε − p̂| of one of them, which Raj and Ekstrand take; for more, the total
variation ½ Σ_g |ε_g − p_g| is our reading. Shares are of what the groups that count have together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from harness.base.late import sparse
from harness.domain.membership import Membership
from harness.domain.top_k import Judged, TopK, Values, discounts

FEW_GROUPS = 128
"""Up to so many, a list has a number for each of them; of more, for those that it shows."""
CACHED = 2**15
"""Numbers that stay in the processor's cache (256 KB)."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Places of all lists from one cut-off to the next.

    Attributes:
        items: shape (u, m); those that end a list are any
        weights: what each place counts, nothing after a list's end, shape (u, m)
        starts: where each list begins among all places, shape (u + 1,)
    """

    items: npt.NDArray[np.int32]
    weights: Values
    starts: npt.NDArray[np.int32]

    @classmethod
    def of(cls, judged: Judged, begin: int, end: int) -> "Stretch":
        """Ranks ``begin`` + 1 to ``end``, counting 1/log2(r + 1)."""
        items = judged.ranking.items[:, begin:end].astype(np.int32)
        weights = np.where(items >= 0, discounts(end)[begin:], 0.0)
        return cls(items, weights, np.arange(0, items.size + 1, end - begin, dtype=np.int32))

    @cached_property
    def totals(self) -> Values:
        """What the places of each list count, shape (u,)."""
        return self.weights @ np.ones(self.weights.shape[1])

    def by_label(self, labels: npt.NDArray[np.int32], n: int) -> sparse.csr_array:
        """What the places give to each of n labels, shape (u, n), from the label of each item, shape (n_items,)."""
        found = labels.take(self.items, mode="clip").ravel()
        return sparse.csr_array((self.weights.ravel(), found, self.starts), shape=(len(self.items), n))


def stretches(cuts: Sequence[TopK]) -> list[Stretch]:
    """From each cut-off to the next, ascending."""
    ends = sorted(top.k for top in cuts)
    return [Stretch.of(cuts[0].judged, begin, end) for begin, end in zip([0, *ends], ends, strict=False)]


def attention_weighted(places: Sequence[Stretch], items: Membership, chosen: npt.NDArray[np.bool_]) -> Iterator[float]:
    """The mean over lists that show any of the groups that count, at each cut-off, ascending; NaN where none does.

    Args:
        places: of the lists
        items: groups of items
        chosen: the groups that count, shape (K,)
    """
    catalogue = items.shared_totals(np.ones(items.shares.shape[0]))[chosen]
    if not catalogue.any():
        yield from [float("nan")] * len(places)
        return
    of = _of_few if len(chosen) <= FEW_GROUPS else _of_many
    for distances in of(places, items, chosen, catalogue / catalogue.sum()):
        yield float(distances.mean() / 2) if len(distances) else float("nan")


def _of_few(
    places: Sequence[Stretch], items: Membership, chosen: npt.NDArray[np.bool_], expected: Values
) -> Iterator[Values]:
    """Σ_g |ε_g − p_g| of every list that shows a group, at each cut-off.

    Rows of C − (Σ_g C_g) pᵀ, weighted and summed over a list, are t (ε − p), where t is what its groups have together.
    Of a large catalogue items of the same groups share a row.
    """
    kinds, C = _kinds(items)
    C = C[:, chosen]
    together, ones = C.sum(axis=1), np.ones(len(expected))
    table = C - together[:, None] * expected
    surplus: Values | None = None
    totals, everything = np.zeros(len(places[0].items)), bool(chosen.all())
    for stretch in places:
        given = stretch.by_label(kinds, len(table))
        surplus = given @ table if surplus is None else np.add(surplus, given @ table, out=surplus)
        totals += stretch.totals if everything else given @ together
        shown = totals > 0
        yield (np.abs(surplus) @ ones)[shown] / totals[shown]


def _of_many(
    places: Sequence[Stretch], items: Membership, chosen: npt.NDArray[np.bool_], expected: Values
) -> Iterator[Values]:
    """The same, where most groups have nothing in most lists: such a group has |0 − p|."""
    shares = items.shares[:, chosen]
    every, given = np.arange(shares.shape[0], dtype=np.int32), sparse.csr_array((len(places[0].items), shares.shape[1]))
    for stretch in places:
        given = sparse.csr_array(given + stretch.by_label(every, len(every)) @ shares)
        totals = np.asarray(given.sum(axis=1))
        lists = np.repeat(np.arange(len(totals)), np.diff(given.indptr))
        there = given.data > 0
        p, lists = expected[given.indices[there]], lists[there]
        surplus = np.abs(given.data[there] / totals[lists] - p) - p
        yield (1.0 + np.bincount(lists, surplus, len(totals)).astype(np.float64))[totals > 0]


def _kinds(items: Membership) -> tuple[npt.NDArray[np.int32], Values]:
    """A row of C for each item, or for all of the same groups: the row of each, shape (n,), and the rows, (…, K)."""
    C = items.shares.toarray()
    if C.size <= CACHED:
        return np.arange(len(C), dtype=np.int32), C
    bits = np.packbits(C > 0, axis=1)
    rows = bits.view(f"V{bits.shape[1]}").ravel()
    first, kinds = np.unique(rows, return_index=True, return_inverse=True)[1:]
    return kinds.astype(np.int32), C[first]
