"""Utilities of groups: how well a recommender serves the items (or users) of each group."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.builtin.metrics.ndcg import NDCG
from harness.builtin.metrics.recall import Recall
from harness.domain.interactions import Indices
from harness.domain.membership import Membership
from harness.domain.top_k import TopK, Values

Utility = Literal["recall", "ndcg"]


@dataclass(frozen=True, eq=False)
class GroupUtilities:
    """What each group gets at one cut-off.

    Attributes:
        values: utility of each group in the order of the membership's names, NaN without interactions, shape (K,)
        interactions: target interactions of each group's items (users), shape (K,)
    """

    values: Values
    interactions: Indices

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Groups with target interactions, shape (K,); the others have no utility, not a utility of zero."""
        return self.interactions > 0


def group_utilities(top: TopK, membership: Membership, utility: Utility = "recall") -> GroupUtilities:
    """Utility of each group in the first k of every list.

    Item groups, recall: u_g = (target interactions with items of g hit in the top K) / (target interactions with items
    of g). An item counts fully in each of its groups. NDCG: each hit at rank r counts 1/log2(r + 1) over the same
    denominator (our reading: no ideal ranking exists for a group that shares lists with others, so 1 is reached only
    where every list consists of one hit).

    User groups: the mean of Recall@K (NDCG@K) over the users of g that have target interactions.

    Two-sided groups: each side as above, items first; interactions then count once on either side.
    """
    found = [(_item_groups if part.side == "item" else _user_groups)(top, part, utility) for part in membership.sides]
    return GroupUtilities(
        np.concatenate([side.values for side in found]), np.concatenate([side.interactions for side in found])
    )


def _item_groups(top: TopK, membership: Membership, utility: Utility) -> GroupUtilities:
    gained = top.gains_by_item if utility == "ndcg" else top.hits_by_item
    wanted = _per_group(membership, top.judged.target_counts)
    return _ratio(_per_group(membership, gained), wanted, wanted)


def _user_groups(top: TopK, membership: Membership, utility: Utility) -> GroupUtilities:
    def spread(per_ranked_user: Values | Indices) -> Values:
        per_user = np.zeros(top.judged.target.n_users)
        per_user[top.users] = per_ranked_user
        return _per_group(membership, per_user)

    served = (NDCG if utility == "ndcg" else Recall).of(top)
    return _ratio(spread(served), spread(np.ones(len(served))), spread(top.n_relevant))


def _per_group(membership: Membership, values: Values | Indices) -> Values:
    """Sums over the members of each group; ``values`` of all items (users), shape (n,) → (K,)."""
    return membership.totals(values.astype(np.float64))


def _ratio(gained: Values, wanted: Values, interactions: Values) -> GroupUtilities:
    values = np.full(len(gained), np.nan)
    np.divide(gained, wanted, out=values, where=wanted > 0)
    return GroupUtilities(values, interactions.astype(np.int64))
