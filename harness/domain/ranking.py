"""Full ranking: every item scored for every user that has something to find, block by block.

Equal scores break by item index, the smaller first. Indices follow a hash of the raw id, so that is a tie-break by
hash, and relabelling items changes no list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.base.errors import BadInput, HarnessError
from harness.base.late import torch
from harness.domain.interactions import Indices, Interactions

Score = Callable[["torch.Tensor"], "torch.Tensor"]
"""User indices, shape (b,), to scores of all items, shape (b, n_items); higher is better."""

Lists = Callable[["torch.Tensor", int], "torch.Tensor"]
"""Scores of some users, shape (b, n_items), and k to their lists of items, shape (b, k)."""

BLOCK_SCORES = 2**21
"""Scores in memory at once (8 MB as float32), whatever the size of the catalogue."""
NO_ITEM = -1
_SIGN_FLIP = 0x7FFFFFFF


@dataclass(frozen=True, eq=False)
class Ranking:
    """Top-K lists of the users that have at least one target interaction.

    Attributes:
        users: user indices, ascending, shape (u,)
        items: item indices, best first, shape (u, k); -1 where a user has fewer than k items left to recommend
        hits: whether each listed item is a target of its user, shape (u, k)
        n_relevant: target interactions of each user, at least 1, shape (u,)
    """

    users: Indices
    items: Indices
    hits: npt.NDArray[np.bool_]
    n_relevant: Indices

    @property
    def k(self) -> int:
        """The lists' length."""
        return int(self.items.shape[1])


class NotFinite(HarnessError):
    """Scores that cannot be ranked."""


def check_cutoffs(ks: Iterable[int], n_items: int) -> None:
    """Raise BadInput where a cut-off is not between 1 and the number of items; called before training."""
    for k in ks:
        if not 1 <= k <= n_items:
            raise BadInput(f"evaluation.ks: cut-off {k} is not between 1 and the catalogue's {n_items} items")


def top(scores: torch.Tensor, k: int) -> torch.Tensor:
    """Indices of the k best scores of each row, shape (b, k); equal scores by index; -1 for scores of -inf.

    One more than k are looked up. Where these hold no two equal scores the list is unique; only the other rows are
    ranked again by exact keys.
    """
    values, found = scores.topk(min(k + 1, scores.shape[1]), dim=1)
    first = values[:, 0]  # NaN sorts above everything
    if bool((first.isnan() | first.isposinf()).any()):
        raise NotFinite("a score is NaN or infinite")
    equal = (values[:, 1:] == values[:, :-1]) & (values[:, 1:] > -torch.inf)
    tied = equal.any(dim=1).nonzero()[:, 0]
    best = found[:, :k]
    if len(tied):
        best[tied] = _exact_keys(scores.index_select(0, tied)).topk(k, dim=1).indices
    return best.masked_fill_(values[:, :k] == -torch.inf, NO_ITEM)


def rank(
    score: Score,
    target: Interactions,
    masked: Sequence[Interactions],
    k: int,
    block: int | None = None,
    device: torch.device | str = "cpu",
    lists: Lists = top,
) -> Ranking:
    """Rank all items but the masked ones for every user with a target interaction.

    Args:
        score: the recommender; its scores are compared as float32, and -inf means "never recommend"
        target: what counts as a hit
        masked: parts whose items are never recommended to the same user (training; at test also validation)
        k: length of the lists
        block: users scored at once, by default as many as :data:`BLOCK_SCORES` allow; at most a few blocks of shape
            (block, n_items) are in memory
        device: where ``score`` expects its users
        lists: makes the lists, block after block in the order of users; by default from each user's scores alone

    Raises:
        BadInput: where k exceeds the catalogue.
        HarnessError: where there is nothing to find, or a score is NaN or +inf.
    """
    n_items = target.n_items
    check_cutoffs((k,), n_items)
    users, row_of, n_relevant = _ranked(target)
    relevant = _keys(target, row_of)
    items, hits = np.empty((len(users), k), dtype=np.int64), np.empty((len(users), k), dtype=bool)
    for start, scores in masked_scores(score, users, masked, target.n_users, n_items, block, device):
        stop = start + len(scores)
        items[start:stop] = lists(scores, k).cpu().numpy()
        hits[start:stop] = _hits(items[start:stop], _within(relevant, start, stop, n_items), n_items)
    return Ranking(users, items, hits, n_relevant)


def masked_scores(
    score: Score,
    users: Indices,
    masked: Sequence[Interactions],
    n_users: int,
    n_items: int,
    block: int | None = None,
    device: torch.device | str = "cpu",
    wanted: npt.NDArray[np.bool_] | None = None,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Scores of all items for ``users``, block after block in their order, float32, and -inf for the masked items.

    Args:
        score, masked, block, device: as for :func:`rank`
        users: user indices, each once, shape (u,)
        n_users, n_items: sizes of the catalogue
        wanted: which of ``users`` anybody waits for, shape (u,): blocks without one of them are left out; None: all

    Yields:
        The place in ``users`` of a block's first user, and its scores, valid until the next block, (b, n_items).

    Raises:
        HarnessError: where scores are of another shape.
    """
    block = block or block_of(n_items)
    row_of = np.full(n_users, NO_ITEM, dtype=np.int64)
    row_of[users] = np.arange(len(users))
    masks = [_keys(part, row_of) for part in masked]
    buffer = torch.empty((min(block, len(users)), n_items), dtype=torch.float32, device=ranking_device(device))
    for start in range(0, len(users), block):
        stop = min(start + block, len(users))
        if wanted is not None and not wanted[start:stop].any():
            continue
        with torch.no_grad():
            raw = score(torch.from_numpy(users[start:stop]).to(device))
            if raw.shape != (stop - start, n_items):
                raise HarnessError(f"scores have shape {tuple(raw.shape)}, not {(stop - start, n_items)}")
            # Copied, never written to: a method may hand out a view of its own state.
            scores = buffer[: stop - start].copy_(raw)
            del raw  # before the next one is made
            for mask in masks:
                here = _within(mask, start, stop, n_items)
                scores.view(-1).index_fill_(0, torch.from_numpy(here).to(scores.device), -torch.inf)
        yield start, scores


def ranking_of(lists: Indices, target: Interactions) -> Ranking:
    """Lists that have been made elsewhere as a ranking of the users that have a target interaction.

    Args:
        lists: item indices by user index, best first, shape (n_users, k); -1 where a list has ended
        target: what counts as a hit

    Raises:
        HarnessError: where there is nothing to find.
    """
    users, row_of, n_relevant = _ranked(target)
    items = lists[users]
    return Ranking(users, items, _hits(items, _keys(target, row_of), target.n_items), n_relevant)


def _ranked(target: Interactions) -> tuple[Indices, Indices, Indices]:
    """Users with something to find, shape (u,); the row of every user, -1 for the others; what each has to find."""
    if not len(target):
        raise HarnessError("nothing to evaluate: no user has a held-out interaction")
    per_user = np.bincount(target.users, minlength=target.n_users)
    users = np.flatnonzero(per_user)
    row_of = np.full(target.n_users, -1, dtype=np.int64)
    row_of[users] = np.arange(len(users))
    return users, row_of, per_user[users]


def block_of(n_items: int, scores: int = BLOCK_SCORES) -> int:
    """Users whose scores of ``n_items`` items are about as many as ``scores``; at least one."""
    return max(1, scores // n_items)


def ranking_device(device: torch.device | str) -> torch.device:
    """CUDA ranks where it scores; other accelerators lack top-k of 64-bit integers."""
    given = torch.device(device)
    return given if given.type == "cuda" else torch.device("cpu")


def _keys(part: Interactions, row_of: Indices) -> Indices:
    """row · n_items + item of the interactions of ranked users, ascending."""
    rows = row_of[part.users]
    keys = rows * part.n_items + part.items
    return np.sort(keys[rows >= 0], kind="stable")  # linear where the pairs come sorted, as they do


def _within(keys: Indices, start: int, stop: int, n_items: int) -> Indices:
    """Those of ``keys``, ascending, that are of the rows from ``start`` to ``stop``, counted from ``start`` on."""
    return keys[slice(*np.searchsorted(keys, [start * n_items, stop * n_items]))] - start * n_items


def _exact_keys(scores: torch.Tensor) -> torch.Tensor:
    """Distinct 64-bit integers in the order (score ascending, index descending), same shape.

    The upper half are the float's bits made monotone as a signed integer (the lower 31 bits of negative floats are
    flipped), the lower half is n - 1 - index.
    """
    bits = (scores + 0.0).view(torch.int32)  # + 0.0: one zero, not two
    ordered = torch.where(bits < 0, bits ^ _SIGN_FLIP, bits).to(torch.int64)
    n = scores.shape[1]
    return ordered * 2**32 + torch.arange(n - 1, -1, -1, device=scores.device)


def _hits(items: Indices, relevant: Indices, n_items: int) -> npt.NDArray[np.bool_]:
    """Which ``items`` (u, k) are targets of their row; ``relevant`` holds the targets' keys, ascending."""
    keys = np.arange(len(items))[:, None] * n_items + items
    place = np.minimum(np.searchsorted(relevant, keys), len(relevant) - 1)
    return np.asarray((relevant[place] == keys) & (items != NO_ITEM))
