"""What there is to know about a prepared data set before anything is trained on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.data.corpus import Corpus
from harness.domain.card import Card
from harness.domain.interactions import Indices, Interactions, Split
from harness.domain.membership import Membership
from harness.stats.inequality import gini

HEAD = 0.2
"""The share of items whose interactions are summed up as those of the head (Pareto's 20 %)."""
LISTED_GROUPS = 25
"""Groupings of more groups than these are told by their smallest, median and largest group."""

Row = tuple[str, str]


@dataclass(frozen=True)
class Audit:
    """Findings, in the order in which they are shown.

    Attributes:
        sections: of each, its title and its rows of what and how much
        leaks: pairs of user and item that are in two parts of the split; 0 unless the split is broken
    """

    sections: dict[str, list[Row]]
    leaks: int


def audit(corpus: Corpus, split: Split, memberships: Sequence[Membership], card: Card | None = None) -> Audit:
    """Sizes, sparsity, skew, groups, gaps, repetitions and leaks of a prepared data set; what its card does not say."""
    leaks = leaking_pairs(split)
    sections = {
        "size": _size(corpus, split),
        "left out by the filters": [(reason, f"{count:,}") for reason, count in corpus.counts.items()] or [NOTHING],
        "popularity": list(_skew("item", counts_of(corpus.item_indices, corpus.n_items))),
        "activity": list(_skew("user", counts_of(corpus.user_indices, corpus.n_users))),
        "gaps": [*_gaps("items", corpus.items), *_gaps("users", corpus.users)] or [NOTHING],
        "repetitions": list(_repetitions(corpus)) or [NOTHING],
        "split": [*_cold(split), ("pairs in two parts", f"{leaks:,}{'' if leaks == 0 else '  LEAK'}")],
    }
    for membership in memberships:
        sections[f"groups of {membership.grouping}"] = list(_groups(membership, split.training))
    if card is not None and (unsaid := [(key, what) for key, what in WANTED.items() if not getattr(card, key)]):
        sections["not said by the card"] = unsaid
    return Audit(sections, leaks)


NOTHING = ("nothing", "")
WANTED = {
    "homepage": "where the data come from: others will want to get them",
    "licence": "what may be done with the data: needed before anything is shared",
    "citation": "what publications must cite",
}
"""Keys of a card that a run can do without, and what they are wanted for."""


def leaking_pairs(split: Split) -> int:
    """How many pairs of user and item are in two parts."""
    parts = [part.users * part.n_items + part.items for part in (split.training, split.validation, split.test)]
    return sum(len(np.intersect1d(one, other)) for one, other in combinations(parts, 2))


def counts_of(indices: Indices, n: int) -> npt.NDArray[np.int64]:
    """How many interactions each has, shape (n,)."""
    return np.bincount(indices, minlength=n)


def _size(corpus: Corpus, split: Split) -> list[Row]:
    cells = corpus.n_users * corpus.n_items
    parts = (split.training, split.validation, split.test)
    return [
        ("users", f"{corpus.n_users:,}"),
        ("items", f"{corpus.n_items:,}"),
        ("interactions", f"{len(corpus):,}"),
        ("sparsity", f"{1 - len(corpus) / cells:.4%} of all pairs are empty"),
        ("training / validation / test", " / ".join(f"{len(part):,}" for part in parts)),
    ]


def _skew(who: str, counts: npt.NDArray[np.int64]) -> Iterator[Row]:
    head = int(np.ceil(HEAD * len(counts)))
    share = np.sort(counts)[::-1][:head].sum() / counts.sum()
    yield f"interactions of a{'n' * (who == 'item')} {who}", _spread(counts)
    yield "Gini", f"{gini(counts.astype(float)):.4f}"
    yield f"share of the top {HEAD:.0%} of {who}s", f"{share:.2%} of all interactions"


def _spread(values: npt.NDArray[np.int64]) -> str:
    return f"{values.min():,} to {values.max():,}, median {np.median(values):,.0f}, mean {values.mean():,.1f}"


def _gaps(table: str, frame: pl.DataFrame) -> Iterator[Row]:
    """Columns with missing values; empty lists and empty text say nothing either."""
    for name, dtype in frame.schema.items():
        column = frame[name]
        missing = column.is_null()
        if isinstance(dtype, pl.List):
            missing = missing | (column.list.len() == 0).fill_null(True)
        elif dtype == pl.String:
            missing = missing | (column.str.strip_chars() == "").fill_null(True)
        count = int(missing.sum())
        if count:
            yield f"{table} without {name}", f"{count:,} of {frame.height:,}"


def _repetitions(corpus: Corpus) -> Iterator[Row]:
    if repeated := corpus.counts.get("interactions: repeated"):
        yield "interactions that were there before", f"{repeated:,}"
    if "title" in corpus.items.columns:
        titles = corpus.items["title"].drop_nulls()
        shared = int(titles.is_duplicated().sum())
        if shared:
            yield "items that share their title", f"{shared:,}, such as {titles.filter(titles.is_duplicated())[0]!r}"


def _cold(split: Split) -> Iterator[Row]:
    """Who is asked for in validation and test data without having been seen in training."""
    for name, part in (("validation", split.validation), ("test", split.test)):
        for who, asked, seen in (
            ("users", part.users, split.training.users),
            ("items", part.items, split.training.items),
        ):
            unseen = np.setdiff1d(asked, seen)
            yield f"{who} of {name} without training interactions", f"{len(unseen):,}"


def _groups(membership: Membership, training: Interactions) -> Iterator[Row]:
    """Members and training interactions of each group; one of several groups counts in each."""
    members = membership.matrix.sum(axis=0).astype(np.int64)
    interactions = membership.marks(training.users, training.items).sum(axis=0).astype(np.int64)
    if len(members) > LISTED_GROUPS:
        yield f"members of its {len(members):,} groups", _spread(members)
        yield "training interactions of them", _spread(interactions)
        return
    for name, size, count in zip(membership.names, members, interactions, strict=True):
        yield name, f"{size:,} members, {count:,} training interactions"
