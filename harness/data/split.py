"""Splits: functions of the interactions' ids, their order in time, the ratios and the seed, of nothing else."""

import hashlib
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput
from harness.base.streams import derive
from harness.data.corpus import Corpus
from harness.domain.ids import hash_ids, mix
from harness.domain.interactions import UNKNOWN, Indices, Interactions, Split, Test, Training, Validation
from harness.spec.options import DataOptions

Parts = npt.NDArray[np.uint8]

_FINEST = 1_000_000
"""Ratios are read as the nearest fraction with at most this denominator (0.4 is 2/5), so that no float error places."""


def split(corpus: Corpus, options: DataOptions, seed: int) -> Split:
    """Divide the interactions into training, validation and test as ``options.split`` says.

    Raises:
        BadInput: where the data set does not tell the order that the split needs, or a part stays empty that way.
    """
    return divided(corpus, parts_of(corpus, options, seed))


def parts_of(corpus: Corpus, options: DataOptions, seed: int) -> Parts:
    """The part of each interaction: 0 training, 1 validation, 2 test; shape (n,), uint8.

    - ``random``: the j-th (from 0) of a user's n shuffled interactions is training if j/n < 0.4, validation if
      j/n < 0.7, else test (AlphaRec's rule, Sheng et al., ICLR 2025; n = 5 gives 2/2/1). The shuffle orders a user's
      interactions by a 64-bit mix of the seed and the hashes of both raw ids: it does not depend on the order of rows.
    - ``leave_one_out``: a user's last interaction is test and the one before it validation (Kang & McAuley, ICDM
      2018); of two interactions only the last is taken away, of one none. What happened at once is ordered by the
      same shuffle.
    - ``given``: the part that the data come in.
    - ``temporal``: an interaction with j of all n interactions before it in time is training if j/n < 0.4, validation
      if j/n < 0.7, else test. What happened at once stays together, so that nothing is learnt from the future.
    """
    if options.split == "temporal":
        parts = _by_time(corpus, options)
    elif options.split == "leave_one_out":
        parts = _last_ones(corpus, _shuffle(corpus, seed))
    elif options.split == "given":
        parts = _given(corpus)
    else:
        rank, total = _ranks(corpus.user_indices, (_shuffle(corpus, seed),), corpus.n_users)
        return _by_share(rank, total, options.ratios)
    for part, name in enumerate(("training", "validation", "test")):
        if not (parts == part).any():
            raise BadInput(f"data.split={options.split!r} leaves nothing for {name}: use data.split='random'")
    return parts


def divided(corpus: Corpus, parts: Parts) -> Split:
    """The interactions by part, shape (n,), as :func:`parts_of` gives them."""
    users, items, sizes = corpus.user_indices, corpus.item_indices, (corpus.n_users, corpus.n_items)
    masks = [parts == part for part in range(3)]
    training = Training(users[masks[0]], items[masks[0]], *sizes)
    validation = Validation(users[masks[1]], items[masks[1]], *sizes)
    test = Test(users[masks[2]], items[masks[2]], *sizes)
    return Split(training, validation, test, _digest(training, validation, test))


def _shuffle(corpus: Corpus, seed: int) -> npt.NDArray[np.uint64]:
    """A random number for each interaction, a function of the seed and both raw ids; shape (n,)."""
    user_hashes = hash_ids("user", corpus.users["user"])[corpus.user_indices]
    item_hashes = hash_ids("item", corpus.items["item"])[corpus.item_indices]
    return mix(derive(seed, "split"), user_hashes, item_hashes)


def _last_ones(corpus: Corpus, shuffled: npt.NDArray[np.uint64]) -> Parts:
    order = _known_order(corpus, "leave_one_out")
    rank, total = _ranks(corpus.user_indices, (shuffled, order), corpus.n_users)
    parts = np.zeros(len(rank), dtype=np.uint8)
    parts[(rank == total - 2) & (total >= 3)] = 1
    parts[(rank == total - 1) & (total >= 2)] = 2
    return parts


def _given(corpus: Corpus) -> Parts:
    if corpus.given is None:
        raise BadInput(
            "data.split='given': this data set does not come divided into training, validation and test; "
            "use data.split='random'"
        )
    return corpus.given


def _by_time(corpus: Corpus, options: DataOptions) -> Parts:
    if not corpus.order_is_time:
        raise BadInput("data.split='temporal': this data set has no timestamps; use data.split='random'")
    times = _known_order(corpus, "temporal")
    before = np.searchsorted(np.sort(times), times, side="left")
    return _by_share(before, np.full_like(before, len(times)), options.ratios)


def _known_order(corpus: Corpus, name: str) -> Indices:
    if corpus.order is None:
        raise BadInput(f"data.split='{name}': this data set does not tell what came first; use data.split='random'")
    unknown = int((corpus.order == UNKNOWN).sum())
    if unknown:
        raise BadInput(
            f"data.split='{name}': {unknown} of {len(corpus)} interactions have no time: complete them, "
            "leave these rows out, or use data.split='random'"
        )
    return corpus.order


def _by_share(rank: Indices, total: Indices, ratios: tuple[float, float, float]) -> Parts:
    """Training below the first share, validation below the first two."""
    first, second, _ = (Fraction(ratio).limit_denominator(_FINEST) for ratio in ratios)
    return 2 - _before(rank, total, first + second).astype(np.uint8) - _before(rank, total, first).astype(np.uint8)


def _ranks(users: Indices, keys: tuple[npt.NDArray[Any], ...], n_users: int) -> tuple[Indices, Indices]:
    """Of each interaction, its position among its user's by the last key, ties by those before it, and how many the
    user has; both shape (n,)."""
    order = np.lexsort((*keys, users))
    counts = np.bincount(users, minlength=n_users)
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(users), dtype=np.int64)
    rank[order] = np.arange(len(users)) - starts[users[order]]
    return rank, counts[users]


def _before(rank: Indices, total: Indices, share: Fraction) -> npt.NDArray[np.bool_]:
    """rank / total < share, in whole numbers."""
    return rank * share.denominator < share.numerator * total


def _digest(*parts: Interactions) -> str:
    hasher = hashlib.blake2b(digest_size=8)
    for part in parts:
        hasher.update(np.array([part.n_users, part.n_items, len(part)], dtype="<i8").tobytes())
        hasher.update(part.users.astype("<i8").tobytes())
        hasher.update(part.items.astype("<i8").tobytes())
    return hasher.hexdigest()
