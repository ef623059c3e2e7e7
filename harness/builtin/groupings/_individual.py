"""What the two definitions of individual fairness share: everybody is a group."""

import numpy as np

from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput


class Individual(Grouping):
    """Every item (user) is its own group, called by its raw id.

    Gini, entropy and Atkinson then say how unequally single items (users) are served.
    """

    disparities = ("cv", "min25", "gini", "entropy", "atkinson")
    min_test = 0  # one item has few test interactions, and what is summarised is thousands of them

    def assign(self, source: GroupingInput) -> Membership:
        """As many groups as items (users)."""
        table = source.items if self.side == "item" else source.users
        names = table[self.side].to_list()
        everyone = np.arange(len(names))
        return Membership.from_pairs(self.name, self.side, names, everyone, everyone, len(names))
