"""Regulars and guests, by their ids, summarised by a disparity from elsewhere."""

from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput


class Regulars(Grouping):
    """Two groups of users."""

    name = "regulars"
    summary = "regulars and guests"
    side = "user"
    disparities = ("cv", "spread")

    def assign(self, source: GroupingInput) -> Membership:
        labels = [["regular" if int(user) < 20 else "guest"] for user in source.users["user"]]
        return Membership.from_labels(self.name, self.side, labels)
