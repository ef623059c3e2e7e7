"""The per-user random split: a function of the interactions' ids, the ratios and the seed, of nothing else."""

import hashlib
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from harness.data.identity import hash_ids, mix
from harness.data.interactions import Indices, Interactions, Split, Test, Training, Validation
from harness.streams import derive

if TYPE_CHECKING:
    from harness.data.prepare import Corpus
    from harness.spec import DataOptions

_FINEST = 1_000_000
"""Ratios are read as the nearest fraction with at most this denominator (0.4 is 2/5), so that no float error places."""


def split(corpus: "Corpus", options: "DataOptions", seed: int) -> Split:
    """Divide each user's interactions at random, by ``options.ratios``.

    The j-th (from 0) of a user's n shuffled interactions is training if j/n < 0.4, validation if j/n < 0.7, else
    test (AlphaRec's rule, Sheng et al., ICLR 2025; n = 5 gives 2/2/1). The shuffle orders a user's interactions by
    a 64-bit mix of the seed and the hashes of both raw ids: it does not depend on the order of rows.
    """
    users, items = corpus.user_indices, corpus.item_indices
    user_hashes = hash_ids("user", corpus.users["user"])[users]
    item_hashes = hash_ids("item", corpus.items["item"])[items]
    keys = mix(derive(seed, "split"), user_hashes, item_hashes)
    rank, total = _ranks(users, keys, corpus.n_users)
    first, second, _ = (Fraction(ratio).limit_denominator(_FINEST) for ratio in options.ratios)
    trains = _before(rank, total, first)
    validates = ~trains & _before(rank, total, first + second)
    sizes = (corpus.n_users, corpus.n_items)
    training = Training(users[trains], items[trains], *sizes)
    validation = Validation(users[validates], items[validates], *sizes)
    tests = ~trains & ~validates
    test = Test(users[tests], items[tests], *sizes)
    return Split(training, validation, test, _digest(training, validation, test))


def _ranks(users: Indices, keys: npt.NDArray[np.uint64], n_users: int) -> tuple[Indices, Indices]:
    """Of each interaction, its position among its user's by key, and how many the user has; both shape (n,)."""
    order = np.lexsort((keys, users))
    counts = np.bincount(users, minlength=n_users)
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(users), dtype=np.int64)
    rank[order] = np.arange(len(users)) - starts[users[order]]
    return rank, counts[users]


def _before(rank: Indices, total: Indices, share: Fraction) -> npt.NDArray[np.bool_]:
    """rank / total < share, in whole numbers."""
    result: npt.NDArray[np.bool_] = rank * share.denominator < share.numerator * total
    return result


def _digest(*parts: Interactions) -> str:
    hasher = hashlib.blake2b(digest_size=8)
    for part in parts:
        hasher.update(np.array([part.n_users, part.n_items, len(part)], dtype="<i8").tobytes())
        hasher.update(part.users.astype("<i8").tobytes())
        hasher.update(part.items.astype("<i8").tobytes())
    return hasher.hexdigest()
