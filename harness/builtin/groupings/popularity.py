"""Items by how often they occur in the training data."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._bins import binned
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class PopularityConfig(GroupingConfig):
    """How many bins there are and what they have in equal shares."""

    bins: int = Field(5, ge=2, description="how many groups")
    by: Literal["interactions", "items"] = Field("interactions", description="what each bin has an equal share of")


class Popularity(Grouping):
    """Bins of items from the most to the least popular, by training interactions only.

    With ``by="interactions"`` every bin holds about the same number of training interactions, with ``by="items"`` the
    same number of items. Items without training interactions are the least popular.
    """

    name = "popularity"
    summary = "items in bins of training interactions, from most to least popular"
    Config: ClassVar[type[Frozen]] = PopularityConfig
    config: PopularityConfig

    def assign(self, source: GroupingInput) -> Membership:
        """One bin per item.

        Raises:
            BadInput: where there are fewer items than bins.
        """
        counts = np.bincount(source.training.items, minlength=source.training.n_items)
        return binned(self.name, self.side, counts, self.config.bins, by_mass=self.config.by == "interactions")
