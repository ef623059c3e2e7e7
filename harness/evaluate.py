"""Evaluation: one ranking, then every accuracy metric, group utility, disparity and exposure metric from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

import numpy as np
import torch

from harness.data.interactions import Interactions, Test, Training, Validation
from harness.data.membership import Membership
from harness.metrics.accuracy import ACCURACY
from harness.metrics.exposure import average_popularity, coverage, exposure, exposure_gini
from harness.metrics.groups import Utility, group_utilities
from harness.metrics.keys import at
from harness.protocols import Grouping
from harness.ranking import Lists, Ranking, Score, rank, top
from harness.registry import registry
from harness.rerank import Reranking
from harness.spec import EvaluationOptions


class Fairness(NamedTuple):
    """A fairness definition, ready to be evaluated.

    Attributes:
        membership: the groups
        utility: what a group gets
        disparities: names of registered disparities that summarise it
    """

    membership: Membership
    utility: Utility = "recall"
    disparities: Sequence[str] = ("cv", "min25")

    @classmethod
    def of(cls, grouping: type[Grouping] | Grouping, membership: Membership) -> "Fairness":
        """What ``grouping`` declares, on the groups that it assigned."""
        return cls(membership, grouping.utility, grouping.disparities)


@dataclass(frozen=True)
class GroupRow:
    """One group at one cut-off.

    Attributes:
        grouping, group: names
        k: the cut-off
        utility: what the group gets; "recall" or "ndcg" as the fairness definition says
        interactions: target interactions of the group's items (users)
        members: items (users) of the group
    """

    grouping: str
    group: str
    k: int
    utility: float
    interactions: int
    members: int


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All that one ranking says.

    Attributes:
        metrics: finite values by key: ``ndcg_at_20``, ``genre/cv_at_20``, ``coverage_at_20``
        groups: utilities of all groups that have target interactions
        left_out: by grouping, the groups without target interactions, which no disparity counts
        undefined: keys that have no value (the CV of utilities that are all zero), which ``metrics`` lacks
        ranking: the top-K lists, as long as the largest cut-off
    """

    metrics: Mapping[str, float]
    groups: Sequence[GroupRow]
    left_out: Mapping[str, Sequence[str]]
    undefined: Sequence[str]
    ranking: Ranking


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
    ranking = rank(score, target, masked, max(options.ks), device=device, lists=_lists(reranking))
    tally = _Tally()
    _measure_accuracy(tally, ranking, tuple(ACCURACY), options.ks)
    _measure_fairness(tally, ranking, target, definitions, options.ks)
    _measure_exposure(tally, ranking, target.n_items, masked, options.ks)
    return tally.evaluation(ranking)


def evaluate_lists(
    ranking: Ranking, target: Test, definitions: Sequence[Fairness], options: EvaluationOptions
) -> Evaluation:
    """Utilities and disparities of lists that were kept from a finished run; no recommender is asked.

    Args:
        ranking: the lists, at least as long as the largest cut-off
        target, definitions, options: as for :func:`evaluate`
    """
    tally = _Tally()
    _measure_fairness(tally, ranking, target, definitions, options.ks)
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
    ks = (options.headline_k,)
    ranking = rank(score, target, masked, options.headline_k, device=device, lists=_lists(reranking))
    tally = _Tally()
    _measure_accuracy(tally, ranking, ("ndcg", "recall"), ks)
    _measure_fairness(tally, ranking, target, (trained,), ks)
    return tally.evaluation(ranking)


def _lists(reranking: Reranking | None) -> Lists:
    return top if reranking is None else reranking.begin()


@dataclass
class _Tally:
    """An evaluation being filled."""

    metrics: dict[str, float] = field(default_factory=dict)
    undefined: list[str] = field(default_factory=list)
    groups: list[GroupRow] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, value: float) -> None:
        """Keep a value under its key, or the key alone where there is no value."""
        if isfinite(value):
            self.metrics[key] = value
        else:
            self.undefined.append(key)

    def evaluation(self, ranking: Ranking) -> Evaluation:
        return Evaluation(self.metrics, self.groups, self.left_out, self.undefined, ranking)


def _measure_accuracy(tally: _Tally, ranking: Ranking, names: Sequence[str], ks: Sequence[int]) -> None:
    """Means over users."""
    for k in ks:
        for name in names:
            tally.add(at(name, k), float(ACCURACY[name].per_user(ranking.hits, ranking.n_relevant, k).mean()))


def _measure_fairness(
    tally: _Tally, ranking: Ranking, target: Interactions, definitions: Sequence[Fairness], ks: Sequence[int]
) -> None:
    """Utilities of every group and their disparities."""
    for membership, utility, disparities in definitions:
        grouping, sizes = membership.grouping, membership.sizes
        for k in ks:
            utilities = group_utilities(ranking, target, membership, k, utility)
            rows = [
                GroupRow(grouping, name, k, gets, interactions, sizes[name])
                for name, gets, interactions in zip(
                    membership.names, utilities.values.tolist(), utilities.interactions.tolist(), strict=True
                )
            ]
            tally.groups.extend(row for row in rows if row.interactions)
            tally.left_out[grouping] = [row.group for row in rows if not row.interactions]
            for name in disparities:
                disparity = registry.get("disparity", name)
                value = disparity.of(utilities.values[utilities.present])
                tally.add(at(f"{grouping}/{disparity.name}", k), float(value))


def _measure_exposure(
    tally: _Tally, ranking: Ranking, n_items: int, masked: Sequence[Interactions], ks: Sequence[int]
) -> None:
    """What the lists show; popularity needs training interactions among the masked parts."""
    training = [part.items for part in masked if isinstance(part, Training)]
    for k in ks:
        shown = exposure(ranking.items, k, n_items)
        tally.add(at("coverage", k), coverage(shown))
        tally.add(at("exposure_gini", k), exposure_gini(shown))
        if training:
            popularity = np.bincount(np.concatenate(training), minlength=n_items)
            tally.add(at("average_popularity", k), average_popularity(shown, popularity))
