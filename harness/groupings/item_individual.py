"""Each item on its own."""

import numpy as np

from harness.data.membership import Membership
from harness.protocols import Grouping, GroupingInput


class ItemIndividual(Grouping):
    """Individual fairness: every item is its own group, called by its raw id.

    Gini, entropy and Atkinson then say how unequally single items are served.
    """

    name = "item_individual"
    summary = "each item on its own: Gini, entropy, Atkinson over single items"
    side = "item"
    requires = ("item",)
    disparities = ("cv", "min25", "gini", "entropy", "atkinson")

    def assign(self, source: GroupingInput) -> Membership:
        """As many groups as items."""
        names = source.items["item"].to_list()
        everyone = np.arange(len(names))
        return Membership.from_pairs(self.name, self.side, names, everyone, everyone, len(names))
