"""FairRec: every group is sure of its share of all places; users choose in turns among what is owed to groups."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field

from harness.base.late import torch
from harness.domain.ranking import NO_ITEM, top
from harness.plugins import ListReranker, RerankConfig

Items: TypeAlias = npt.NDArray[np.int64]
LOOK = 256
"""Items of a user's order that are looked at in one go."""
NOTHING = 1e-9
"""What is left of a group's places when they are given, but for rounding."""


class FairRecConfig(RerankConfig):
    """How much of its maximin share a group is sure of."""

    lam: float = Field(
        0.5, ge=0, le=1, description="α, part of the maximin share (an equal share of all places); 0 changes no list"
    )


class FairRec(ListReranker):
    """Groups are owed ℓ = ⌊α m k/K⌋ of the m·k places each; in rounds, each user takes their best item of those owed.

    The rest of each list is filled by score, and lists are sorted by score, since what FairRec makes are sets (Patro et
    al. 2020, Algorithms 1 and 2). There every item is a producer of its own, which is what grouping single items says
    here; of other groups the items share ℓ, and an item of several groups is owed while one of them is, and counts a
    part for each. A user with no item left that is owed is passed over, where the paper ends its first phase, since
    users' histories are left out of their lists here.

    Histories apart, the groups that miss their ℓ have fewer than k items together: whoever is passed over has them all.
    So fewer than k single items miss it, and no group of k or more.

    The paper's envy-freeness up to one item is not certain: users may end up with the same items by different ways.
    In random instances it fails in a few of a thousand; the tests have one of them.
    """

    name = "fairrec"
    summary = "owes every group a part of an equal share of all places; users choose in turns"
    reference = "Patro et al., FairRec: Two-Sided Fairness for Personalized Recommendations, WWW 2020, arXiv 2002.10764"
    side = "both"
    Config: ClassVar[type[RerankConfig]] = FairRecConfig
    config: FairRecConfig
    everybody = True

    def lists(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        kept = self._given(scores, k).to(scores.device)
        others = top(scores.masked_fill(kept, -torch.inf), k)
        places = torch.arange(k, device=scores.device)
        fills = (others != NO_ITEM) & (places < k - kept.sum(dim=1, keepdim=True))
        kept[fills.nonzero()[:, 0], others[fills]] = True
        return top(scores.masked_fill(~kept, -torch.inf), k)

    def _given(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        """Who is given which item in the rounds, bool, shape (m, n_items)."""
        owed = Owed(self.C.cpu().numpy(), self.config.lam * len(scores) * k)
        given = np.zeros(scores.shape, dtype=bool)
        if owed.any:
            order = scores.sort(dim=1, descending=True, stable=True).indices.cpu().numpy()
            ends = (scores > -torch.inf).sum(dim=1).tolist()
            orders = [row[:end] for row, end in zip(order, ends, strict=True)]
            given = self.rounds(scores, orders, owed, k)
        return torch.from_numpy(given)

    def rounds(self, scores: torch.Tensor, orders: list[Items], owed: Owed, k: int) -> npt.NDArray[np.bool_]:
        """Users in turns take the first item of their order that is owed, at most k each.

        What is owed to no group any more is so for good: nobody looks at an item twice.

        Args:
            scores: shape (m, n_items)
            orders: each user's items, best first
            owed: what groups are owed; changed
            k: length of the lists

        Returns:
            Who is given which item, shape (m, n_items).
        """
        given = np.zeros(scores.shape, dtype=bool)
        at, waiting = [0] * len(orders), list(range(len(orders)))
        for _ in range(k):
            still = []
            for user in waiting:
                place = owed.first(orders[user], at[user])
                if place is None:
                    continue
                item, at[user] = orders[user][place], place + 1
                given[user, item] = True
                owed.take(item)
                still.append(user)
            waiting = still
        return given


class Owed:
    """Places that groups are owed, and which items would give them some.

    Args:
        C: membership, shape (n_items, K)
        places: how many are owed to all groups together, before they are rounded down for each
    """

    def __init__(self, C: npt.NDArray[np.float64], places: float) -> None:
        self.C, self.member = C, C > 0
        groups = self.member.any(axis=0)
        self.left = np.where(groups, np.floor(places / groups.sum() + NOTHING), 0)
        self.to = self.member[:, self.left > NOTHING].sum(axis=1)
        """To how many groups an item is owed, shape (n_items,)."""

    @property
    def any(self) -> bool:
        """Whether anything is owed to anybody."""
        return bool((self.left > NOTHING).any())

    def first(self, order: Items, start: int = 0, but: npt.NDArray[np.bool_] | None = None) -> int | None:
        """The first place of ``order``, from ``start`` on, whose item is owed; None where there is none.

        Args:
            order: items
            start: a place
            but: items that do not count, shape (n_items,)
        """
        for place in range(start, len(order), LOOK):
            items = order[place : place + LOOK]
            here = self.to[items] > 0
            if but is not None:
                here &= ~but[items]
            found = int(here.argmax())
            if here[found]:
                return place + found
        return None

    def take(self, item: int) -> None:
        """An item has been given to somebody."""
        for group in np.flatnonzero(self.member[item] & (self.left > NOTHING)):
            self.left[group] -= self.C[item, group]
            if self.left[group] <= NOTHING:
                self.to -= self.member[:, group]
