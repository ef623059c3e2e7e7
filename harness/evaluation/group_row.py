"""What one group gets, as tables show it."""

from typing import NamedTuple


class GroupRow(NamedTuple):
    """One group at one cut-off.

    Attributes:
        grouping, group: names
        k: the cut-off
        utility: what the group gets; "recall" or "ndcg" as the fairness definition says
        interactions: target interactions of the group's items (users)
        members: items (users) of the group
    """

    grouping: str
    group: str
    k: int
    utility: float
    interactions: int
    members: int
