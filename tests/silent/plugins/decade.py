"""Early and late songs, by their ids."""

from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput


class Decade(Grouping):
    """Two groups of items."""

    name = "decade"
    summary = "early and late songs"

    def assign(self, source: GroupingInput) -> Membership:
        labels = [["early" if int(item) < 15 else "late"] for item in source.items["item"]]
        return Membership.from_labels(self.name, self.side, labels)
