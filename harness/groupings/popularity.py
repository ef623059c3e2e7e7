"""Items by how often they occur in the training data."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.sparse import csr_array

from harness.data.membership import Membership
from harness.errors import BadInput
from harness.protocols import Frozen, Grouping, GroupingInput


class PopularityConfig(Frozen):
    """How many bins there are and what they have in equal shares."""

    bins: int = Field(5, ge=2)
    by: Literal["interactions", "items"] = Field("interactions", description="what each bin has an equal share of")


class Popularity(Grouping):
    """Bins of items from the most to the least popular, by training interactions only.

    With ``by="interactions"`` every bin holds about the same number of training interactions: beginning with the most
    popular item, each bin ends where it is nearest to an equal share of what is left for it and the bins after it.
    With ``by="items"`` every bin holds the same number of items. No bin is empty. Equally popular items are ordered by
    index, which is by hash; items without training interactions are the least popular.
    """

    name = "popularity"
    summary = "items in bins of training interactions, from most to least popular"
    Config: ClassVar[type[Frozen]] = PopularityConfig

    def __init__(self, config: PopularityConfig) -> None:
        super().__init__(config)
        self.bins = config.bins
        self.by = config.by

    def assign(self, source: GroupingInput) -> Membership:
        """One bin per item.

        Raises:
            BadInput: where there are fewer items than bins.
        """
        n_items = source.training.n_items
        if n_items < self.bins:
            raise BadInput(f"grouping 'popularity': {self.bins} bins for {n_items} items: use fewer bins")
        bins = self._bins(np.bincount(source.training.items, minlength=n_items))
        ones = np.ones(n_items, dtype=np.float32)
        matrix = csr_array((ones, bins, np.arange(n_items + 1)), shape=(n_items, self.bins))
        return Membership(self.name, self.side, self._names(), matrix)

    def _bins(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The bin of each item, shape (n_items,), from its training interactions, shape (n_items,)."""
        order = np.argsort(-counts, kind="stable")
        weights = counts[order] if self.by == "interactions" else np.ones_like(counts)
        mass = np.concatenate([[0], np.cumsum(weights)])  # of the first n items, for n from 0
        edges = [0]
        for left in range(self.bins, 1, -1):
            first, last = edges[-1] + 1, len(counts) - left + 1
            error = left * (mass[first : last + 1] - mass[edges[-1]]) - (mass[-1] - mass[edges[-1]])
            edges.append(first + int(np.argmin(np.abs(error))))
        bins = np.empty(len(counts), dtype=np.int64)
        bins[order] = np.searchsorted(edges, np.arange(len(counts)), side="right") - 1
        return bins

    def _names(self) -> tuple[str, ...]:
        ends = {1: " most", self.bins: " least"}
        return tuple(f"popularity {k}{ends.get(k, '')}" for k in range(1, self.bins + 1))
