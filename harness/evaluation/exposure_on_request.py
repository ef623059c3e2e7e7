"""What groups of items are shown, by measures that are computed on request.

Shares, as in :mod:`harness.evaluation.group_exposure`: an item with three groups gives a third of what it gets to each.
Bias disparity alone counts an item fully in each of its groups, as its source does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from harness.builtin.metrics._expected_exposure import attention, ideal
from harness.domain.exposure_names import OF_PAIRS
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.domain.top_k import Judged, TopK, Values
from harness.evaluation.attention_weighted import Stretch, attention_weighted, stretches
from harness.evaluation.pair_bias import bias_disparities

Marks = npt.NDArray[np.bool_]
EXPECTED = ("ee_l", "ee_d", "ee_r")


@dataclass(frozen=True, eq=False)
class Requested:
    """The measures that are asked for of some lists; what cut-offs and groupings share is made once.

    Attributes:
        names: of :data:`harness.domain.exposure_names.EXPOSURE_DISPARITIES`, those on request
        cuts: the lists at their cut-offs
    """

    names: Sequence[str]
    cuts: Sequence[TopK]

    def of(self, items: Membership, counted: npt.NDArray[np.bool_] | None = None) -> list[dict[str, float]]:
        """Their values at each cut-off, NaN where undefined.

        Args:
            items: groups of items
            counted: the groups that count, shape (K,); None: all
        """
        chosen = np.ones(len(items.names), dtype=bool) if counted is None else counted
        found: dict[str, Sequence[float]] = {}
        if "awrf" in self.names:
            distances = attention_weighted(self._places, items, chosen)
            by_k = dict(zip(sorted(top.k for top in self.cuts), distances, strict=True))
            found["awrf"] = [by_k[top.k] for top in self.cuts]
        if "bias_disparity" in self.names:
            found["bias_disparity"] = self._bias_disparity(items, chosen)
        if set(EXPECTED) & set(self.names):
            found |= self._expected_exposure(items, chosen)
        return [{name: found[name][cut] for name in self.names if name in found} for cut in range(len(self.cuts))]

    def of_pairs(
        self, items: Membership, users: Membership, chosen: tuple[slice | Marks, slice | Marks]
    ) -> list[dict[str, float]]:
        """Those of groups of users and groups of items at once, at each cut-off; empty where none is asked for.

        Args:
            items, users: the groups
            chosen: those that count, of items and of users
        """
        if not set(OF_PAIRS) & set(self.names):
            return [{}] * len(self.cuts)
        pairs = [of[chosen[1]][:, chosen[0]] for of in bias_disparities(self.cuts, items, users)]
        defined = [np.abs(of[~np.isnan(of)]) for of in pairs]
        means = [float(there.mean()) if there.size else float("nan") for there in defined]
        undefined = [float(of.size - there.size) for of, there in zip(pairs, defined, strict=True)]
        return [dict(zip(OF_PAIRS, values, strict=True)) for values in zip(means, undefined, strict=True)]

    def _expected_exposure(self, items: Membership, chosen: npt.NDArray[np.bool_]) -> dict[str, Sequence[float]]:
        means = items.shared_totals(self._given_and_deserved)[chosen] / len(self.judged.ranking.users)
        gets, deserves = means[:, :-1], means[:, -1:]
        by_name = ((gets - deserves) ** 2, gets**2, 2 * gets * deserves)
        return {name: of.sum(axis=0).tolist() for name, of in zip(EXPECTED, by_name, strict=True)}

    def _bias_disparity(self, items: Membership, chosen: npt.NDArray[np.bool_]) -> list[float]:
        """Mean of |bias disparity| over groups with training interactions of ranked users; the mean is our reading.

        The factor |g| / n_items of both biases cancels.
        """
        counts, totals = self._shown_and_known, self._shown_and_known.sum(axis=0)
        of_groups = items.totals(counts)[chosen]
        of_groups = of_groups[of_groups[:, -1] > 0]
        if not len(of_groups):
            return [float("nan")] * len(self.cuts)
        with np.errstate(invalid="ignore"):  # nothing is listed: 0 / 0
            shares = of_groups / totals
        return np.abs(shares[:, :-1] / shares[:, -1:] - 1).mean(axis=0).tolist()

    @property
    def judged(self) -> Judged:
        """The whole lists."""
        return self.cuts[0].judged

    @cached_property
    def _places(self) -> list[Stretch]:
        return stretches(self.cuts)

    @cached_property
    def _shown_and_known(self) -> Values:
        """Lists that show each item, by cut-off, then training interactions of ranked users, (n_items, cuts + 1)."""
        known = np.zeros(self.judged.target.n_items)
        for part, counts in zip(self.judged.masked, self.judged.masked_counts, strict=True):
            if isinstance(part, Training):
                known += counts
        return np.column_stack([*(top.exposure for top in self.cuts), known])

    @cached_property
    def _given_and_deserved(self) -> Values:
        """What expected exposure gives to each item, by cut-off, and what the ideal does, (n_items, cuts + 1).

        Summed over ranked users.
        """
        wanted, users = self.judged.target, self.judged.ranking.users
        target, other = self.judged.once(ideal)
        extra, base = np.zeros(wanted.n_users), np.zeros(wanted.n_users)
        extra[users], base[users] = target - other, other
        deserved = other.sum() + np.bincount(wanted.items, extra[wanted.users], minlength=wanted.n_items)
        for part in self.judged.masked:
            deserved -= np.bincount(part.items, base[part.users], minlength=part.n_items)
        given = (self.judged.listed.count(top.k, wanted.n_items, attention(top.k)) for top in self.cuts)
        return np.column_stack([*given, deserved])
