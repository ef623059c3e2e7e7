"""Evaluation: one ranking, then every accuracy metric, group utility, disparity and exposure metric from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, nan
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from harness.base.late import torch
from harness.domain.interactions import Interactions, Test, Validation
from harness.domain.membership import Membership, Side
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import Ranking, Score, rank
from harness.domain.top_k import Judged, TopK
from harness.evaluation.exposure_on_request import Requested
from harness.evaluation.group_exposure import exposure_disparities
from harness.evaluation.group_row import GroupRow
from harness.evaluation.group_utilities import GroupUtilities, Utility, group_utilities
from harness.evaluation.reranking import Reranking
from harness.plugins import Grouping
from harness.plugins.registry import registry
from harness.spec.options import EvaluationOptions

SELECTING = ("ndcg", "recall")
"""Metrics of lists that an epoch's validation computes."""


class Fairness(NamedTuple):
    """A fairness definition, ready to be evaluated.

    Attributes:
        membership: the groups
        utility: what a group gets
        disparities: names of registered disparities that summarise it
        least_test: by side, how many target interactions a group has at least that is judged; of others: 1
    """

    membership: Membership
    utility: Utility = "recall"
    disparities: Sequence[str] = ("cv", "min25")
    least_test: Mapping[Side, int] = MappingProxyType({})

    @classmethod
    def of(cls, grouping: Grouping, membership: Membership) -> Fairness:
        """What ``grouping`` declares, on the groups that it assigned."""
        return cls(membership, grouping.utility, grouping.disparities, grouping.least_test)

    def judged(self, utilities: GroupUtilities) -> npt.NDArray[np.bool_]:
        """The groups with enough target interactions to say anything, shape (K,); no disparity counts the others."""
        sides = self.membership.sides
        least = np.repeat([self.least_test.get(part.side, 0) for part in sides], [len(part.names) for part in sides])
        return utilities.present & (utilities.interactions >= least)


@dataclass(frozen=True, eq=False)
class GroupTable:
    """The utilities of one grouping's groups at one cut-off.

    Attributes:
        judged: the groups that disparities count, shape (K,)
    """

    membership: Membership
    k: int
    utilities: GroupUtilities
    judged: npt.NDArray[np.bool_]

    @property
    def judged_utilities(self) -> npt.NDArray[np.float64]:
        """What disparities summarise: the utilities of the groups that are judged."""
        return self.utilities.values[self.judged]

    def rows(self) -> list[GroupRow]:
        """A row of each group that has target interactions."""
        grouping, sizes = self.membership.grouping, self.membership.sizes
        gets, wanted = self.utilities.values.tolist(), self.utilities.interactions.tolist()
        columns = zip(self.membership.names, gets, wanted, strict=True)
        return [GroupRow(grouping, name, self.k, value, count, sizes[name]) for name, value, count in columns if count]

    def left_out(self) -> list[str]:
        """The groups that have none, or too few to be judged."""
        return [self.membership.names[group] for group in np.flatnonzero(~self.judged)]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that one ranking says.

    Attributes:
        metrics: finite values by key, which names no split: ``ndcg_at_20``, ``genre/cv_at_20``, ``coverage_at_20``
        tables: what groups get, by grouping and cut-off
        undefined: keys that have no value (the CV of utilities that are all zero), which ``metrics`` lacks
        ranking: the top-K lists, as long as the largest cut-off
    """

    metrics: Mapping[MetricKey, float]
    tables: Sequence[GroupTable]
    undefined: Sequence[MetricKey]
    ranking: Ranking

    @cached_property
    def groups(self) -> Sequence[GroupRow]:
        """Utilities of all groups that have target interactions."""
        return [row for table in self.tables for row in table.rows()]

    @cached_property
    def left_out(self) -> Mapping[str, Sequence[str]]:
        """By grouping, the groups with none or too few target interactions, which no disparity counts."""
        return {table.membership.grouping: table.left_out() for table in self.tables}


def evaluate(
    score: Score,
    target: Validation | Test,
    masked: Sequence[Interactions],
    definitions: Sequence[Fairness],
    options: EvaluationOptions,
    device: torch.device | str = "cpu",
    reranking: Reranking | None = None,
) -> Evaluation:
    """Rank everything once and compute every metric at every cut-off.

    Args:
        score: the recommender, users (b,) on ``device`` → (b, n_items)
        target: what is to be found
        masked: parts whose items are never recommended; training interactions among them give items' popularity
        definitions: what fairness is reported for
        options: the cut-offs
        reranking: post-processing of the scores

    Raises:
        BadInput: where a cut-off exceeds the catalogue or a disparity is unknown.
        HarnessError: where there is nothing to find, or scores are not finite.
    """
    ranking = _ranking(score, target, masked, max(options.ks), device, reranking)
    return judge(ranking, target, masked, definitions, options)


def judge(
    ranking: Ranking,
    target: Test | Validation,
    masked: Sequence[Interactions],
    definitions: Sequence[Fairness],
    options: EvaluationOptions,
    *,
    groups_alone: bool = False,
) -> Evaluation:
    """Every metric at every cut-off of lists that have been made, by whomever.

    Args:
        ranking: the lists, at least as long as the largest cut-off
        target, masked, definitions, options: as for :func:`evaluate`
        groups_alone: leave out what is of the lists, such as their accuracy
    """
    cuts, tally = _cuts(ranking, target, masked, options.ks), _Tally()
    tally.measure(cuts, () if groups_alone else options.metrics)
    tally.compare(cuts, definitions, exposure=options.exposure)
    return tally.evaluation(ranking)


def validate(
    score: Score,
    target: Validation,
    masked: Sequence[Interactions],
    trained: Fairness,
    options: EvaluationOptions,
    device: torch.device | str = "cpu",
    reranking: Reranking | None = None,
) -> Evaluation:
    """The figures that select, once per epoch: NDCG and recall, and the disparities of the grouping trained on.

    All at the headline cut-off, and equal to those of :func:`evaluate`. Test data is refused.
    """
    if not isinstance(target, Validation):
        raise TypeError(f"selection sees validation data only, not {type(target).__name__}")
    k = options.headline_k
    ranking = _ranking(score, target, masked, k, device, reranking)
    cuts, tally = _cuts(ranking, target, masked, (k,)), _Tally()
    tally.measure(cuts, SELECTING)
    tally.compare(cuts, (trained,), exposure=None)
    return tally.evaluation(ranking)


def _ranking(
    score: Score,
    target: Interactions,
    masked: Sequence[Interactions],
    k: int,
    device: torch.device | str,
    reranking: Reranking | None,
) -> Ranking:
    if reranking is None:
        return rank(score, target, masked, k, device=device)
    lists = reranking.begin()
    return rank(score, target, masked, k, lists.block, device, lists)


def _cuts(ranking: Ranking, target: Interactions, masked: Sequence[Interactions], ks: Sequence[int]) -> list[TopK]:
    """The lists at every cut-off; they share their counts."""
    judged = Judged(ranking, target, masked)
    return [judged.at(k) for k in ks]


@dataclass
class _Tally:
    """An evaluation being filled."""

    metrics: dict[MetricKey, float] = field(default_factory=dict)
    undefined: list[MetricKey] = field(default_factory=list)
    tables: list[GroupTable] = field(default_factory=list)

    def add(self, key: MetricKey, value: float) -> None:
        """Keep a value under its key, or the key alone where there is no value."""
        if isfinite(value):
            self.metrics[key] = value
        else:
            self.undefined.append(key)

    def measure(self, cuts: Sequence[TopK], names: Sequence[str]) -> None:
        """Metrics of the lists: means over users, or numbers of all lists."""
        metrics = [registry.get("metric", name) for name in names]
        for cut in cuts:
            for metric in metrics:
                self.add(MetricKey(metric.name, cut.k), float(np.mean(metric.of(cut))))

    def compare(self, cuts: Sequence[TopK], definitions: Sequence[Fairness], *, exposure: Sequence[str] | None) -> None:
        """Utilities of every group, their disparities and, unless None, those of exposure of groups of items.

        Args:
            exposure: names of those on request
        """
        asked = None if exposure is None else Requested(exposure, cuts)
        for definition in definitions:
            grouping = definition.membership.grouping
            disparities = [registry.get("disparity", name) for name in definition.disparities]
            tables = [_table(cut, definition) for cut in cuts]
            self.tables += tables
            exposures = [{}] * len(cuts) if asked is None else _exposures(cuts, definition, tables[0].judged, asked)
            for table, shown in zip(tables, exposures, strict=True):
                given = table.judged_utilities
                found = {one.name: float(one.of(given)) if len(given) else nan for one in disparities}
                for name, value in (found | shown).items():
                    self.add(MetricKey(name, table.k, grouping), value)

    def evaluation(self, ranking: Ranking) -> Evaluation:
        return Evaluation(self.metrics, self.tables, self.undefined, ranking)


def _table(cut: TopK, definition: Fairness) -> GroupTable:
    """What the groups get, and which of them are judged: the same at every cut-off."""
    utilities = group_utilities(cut, definition.membership, definition.utility)
    return GroupTable(definition.membership, cut.k, utilities, definition.judged(utilities))


def _exposures(
    cuts: Sequence[TopK], definition: Fairness, judged: npt.NDArray[np.bool_], asked: Requested
) -> list[dict[str, float]]:
    """Of groups of items, at each cut-off; where users are grouped too, of the other side.

    Groups with too few target interactions are left out; those without any count where the definition judges all
    groups, for they can be shown.
    """
    items = [part for part in definition.membership.sides if part.side == "item"]  # first, where there are two sides
    if not items:
        return [{}] * len(cuts)
    n_items = len(items[0].names)
    counted = judged[:n_items] if definition.least_test.get("item", 0) else None
    more = asked.of(items[0], counted) if asked.names else [{}] * len(cuts)
    for users in definition.membership.sides[1:]:
        chosen = judged[n_items:] if definition.least_test.get("user", 0) else slice(None)
        pairs = asked.of_pairs(items[0], users, (slice(None) if counted is None else counted, chosen))
        more = [some | of for some, of in zip(more, pairs, strict=True)]
    return [exposure_disparities(cut, items[0], counted) | some for cut, some in zip(cuts, more, strict=True)]
