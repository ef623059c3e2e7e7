"""Each user on its own."""

import numpy as np

from harness.data.membership import Membership
from harness.protocols import Grouping, GroupingInput


class UserIndividual(Grouping):
    """Individual fairness: every user is its own group, called by its raw id.

    Gini, entropy and Atkinson then say how unequally single users are served.
    """

    name = "user_individual"
    summary = "each user on its own: Gini, entropy, Atkinson over single users"
    side = "user"
    requires = ("user",)
    disparities = ("cv", "min25", "gini", "entropy", "atkinson")

    def assign(self, source: GroupingInput) -> Membership:
        """As many groups as users."""
        names = source.users["user"].to_list()
        everyone = np.arange(len(names))
        return Membership.from_pairs(self.name, self.side, names, everyone, everyone, len(names))
