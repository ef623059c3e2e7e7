"""Users by how much they have done in the training data."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._bins import binned
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class ActivityConfig(GroupingConfig):
    """How many bins there are and what they have in equal shares."""

    bins: int = Field(5, ge=2, description="how many groups")
    by: Literal["users", "interactions"] = Field("users", description="what each bin has an equal share of")


class Activity(Grouping):
    """Bins of users from the most to the least active, by training interactions only.

    With ``by="users"`` every bin holds the same number of users, with ``by="interactions"`` about the same number of
    training interactions (a few very active users, then more and more).
    """

    name = "activity"
    summary = "users in bins of training interactions, from most to least active"
    side = "user"
    Config: ClassVar[type[Frozen]] = ActivityConfig
    config: ActivityConfig

    def assign(self, source: GroupingInput) -> Membership:
        """One bin per user.

        Raises:
            BadInput: where there are fewer users than bins.
        """
        counts = np.bincount(source.training.users, minlength=source.training.n_users)
        return binned(self.name, self.side, counts, self.config.bins, by_mass=self.config.by == "interactions")
