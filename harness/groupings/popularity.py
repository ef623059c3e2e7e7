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

    With ``by="interactions"`` every bin holds about the same number of training interactions: an item belongs to the
    bin in which the middle of its interactions falls when items are laid end to end, the most popular first. With
    ``by="items"`` every bin holds the same number of items. Equally popular items are ordered by index, which is
    by hash. Items without training interactions belong to the last bin.
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
            BadInput: where a bin stays empty: too few items, or one item as popular as a whole bin.
        """
        n_items = source.training.n_items
        counts = np.bincount(source.training.items, minlength=n_items)
        bins = self._bins(counts)
        empty = np.flatnonzero(np.bincount(bins, minlength=self.bins) == 0) + 1
        if len(empty):
            raise BadInput(
                f"grouping 'popularity': bin {empty[0]} of {self.bins} (by {self.by}) holds none of {n_items} items: "
                f"use fewer bins{'' if self.by == 'items' else ' or by=items'}"
            )
        ones = np.ones(n_items, dtype=np.float32)
        matrix = csr_array((ones, bins, np.arange(n_items + 1)), shape=(n_items, self.bins))
        return Membership(self.name, self.side, self._names(), matrix)

    def _bins(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The bin of each item, shape (n_items,), from its training interactions, shape (n_items,)."""
        order = np.argsort(-counts, kind="stable")
        weights = counts[order] if self.by == "interactions" else np.ones_like(counts)
        twice_middle = 2 * np.cumsum(weights) - weights
        bins = np.empty(len(counts), dtype=np.int64)
        bins[order] = np.minimum(self.bins * twice_middle // (2 * weights.sum()), self.bins - 1)
        return bins

    def _names(self) -> tuple[str, ...]:
        ends = {1: " most", self.bins: " least"}
        return tuple(f"popularity {k}{ends.get(k, '')}" for k in range(1, self.bins + 1))
