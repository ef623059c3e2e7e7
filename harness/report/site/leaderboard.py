"""The rows of a leaderboard: what each variant reached, against the baseline, at what cost, and its possible ranks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite

from harness.base.errors import BadInput
from harness.domain.metric_key import MetricKey
from harness.plugins.direction import direction
from harness.plugins.protocols.intervention import Family
from harness.plugins.registry import registry
from harness.report.grid.arms import CV, MIN, NDCG, MeasuredArm, pairs
from harness.report.grid.columns import Column
from harness.report.grid.differences import differences
from harness.report.grid.point_arms import PointArms
from harness.report.grid.training_price import SECONDS, ratio_of_means
from harness.report.site.boards import Comparison
from harness.spec.spec_view import SpecView
from harness.stats.interval import MeanInterval
from harness.stats.ranks import RankRange, rank_ranges
from harness.stats.ratio import RelativeChange, relative_change

METRICS = (NDCG, CV, MIN)
"""What leaderboards show, as studies declare it."""
MOST_LOST = 0.05
"""Share of the baseline's NDCG that a winner may lose at most."""


@dataclass(frozen=True, eq=False)
class Row:
    """One variant.

    Attributes:
        arm: its runs
        name: what tells it from the others
        families: where it intervenes: before, in or after training; empty where it does not
        means: over the seeds that count, by metric; None without any
        changes: against the baseline over shared seeds, by metric; empty for the baseline itself, and without one
        better: the metrics in which it is significantly better than the baseline, corrected over the board
        seconds: of training
        times: the same as a multiple of the baseline's
        rank: by CV; None where it has none
    """

    arm: MeasuredArm
    name: str
    families: tuple[Family, ...]
    means: Mapping[str, MeanInterval | None]
    changes: Mapping[str, RelativeChange]
    better: frozenset[str]
    seconds: MeanInterval | None
    times: float | None
    rank: RankRange | None = None

    @property
    def lost(self) -> float | None:
        """The share of the baseline's NDCG that it loses on average, negative where it gains; None without one."""
        change = self.changes.get(NDCG)
        return -change.change if change is not None and isfinite(change.change) else None

    @property
    def cv(self) -> float | None:
        """Mean over seeds."""
        found = self.means[CV]
        return None if found is None else found.mean


@dataclass(frozen=True, eq=False)
class Leaderboard:
    """All variants of a comparison, the fairest first; those without a CV last."""

    comparison: Comparison
    rows: tuple[Row, ...]
    headings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def winner(self) -> Row | None:
        """The lowest mean CV, of the variants whose every seed counts and which lose :data:`MOST_LOST` of NDCG at most.

        None where no variant is such.
        """
        planned = len(self.comparison.seeds)
        fit = [row for row in self.rows if row.cv is not None and len(row.arm.runs) == planned]
        return next((row for row in fit if row.lost is None or row.lost <= MOST_LOST), None)

    @property
    def rivals(self) -> list[Row]:
        """The other variants for which rank 1 is not excluded."""
        return [row for row in self.rows if row is not self.winner and row.rank is not None and row.rank.best == 1]


def leaderboard(comparison: Comparison) -> Leaderboard:
    """The board, from its runs alone."""
    keys = {}
    view = next((arm.first.view for arm in comparison.arms if arm.runs), None)
    if view is not None:
        keys = {metric: view.metric(metric) for metric in METRICS}
    better = _better(comparison, keys)
    measured = [arm for arm in comparison.arms if arm.values(CV)]
    which = direction(keys[CV]) if keys else "lower"
    ranks = dict(zip(measured, rank_ranges([arm.values(CV) for arm in measured], which), strict=True))
    rows = [_row(comparison, arm, better, ranks.get(arm)) for arm in comparison.arms]
    rows.sort(key=lambda row: (row.cv is None, row.cv or 0.0))
    headings = {metric: key.heading for metric, key in keys.items()}
    return Leaderboard(comparison, tuple(rows), headings)


def _row(
    comparison: Comparison, arm: MeasuredArm, better: Mapping[MeasuredArm, frozenset[str]], rank: RankRange | None
) -> Row:
    baseline = comparison.baseline(arm)
    changes = {}
    if baseline is not None and baseline != arm:
        paired = {metric: pairs(baseline, arm, metric) for metric in METRICS}
        changes = {metric: relative_change(*two) for metric, two in paired.items() if two[0]}
    return Row(
        arm,
        comparison.names[arm],
        families(arm),
        {metric: arm.mean(metric) for metric in METRICS},
        changes,
        better.get(arm, frozenset()),
        arm.mean(MetricKey(SECONDS)),
        ratio_of_means(arm, baseline, MetricKey(SECONDS)),
        rank,
    )


def _better(comparison: Comparison, keys: Mapping[str, MetricKey]) -> dict[MeasuredArm, frozenset[str]]:
    """What is significantly better than the baseline, Holm-corrected over all variants × metrics of each point."""
    columns = tuple(Column(key, key.heading) for key in keys.values())
    declared = {str(key): metric for metric, key in keys.items()}
    points = {arm.point.key: arm.point for arm in comparison.arms}
    found: dict[MeasuredArm, frozenset[str]] = {}
    for place, point in points.items():
        arms = tuple(arm for arm in comparison.arms if arm.point.key == place)
        reference = next((one for arm in arms if (one := comparison.baseline(arm))), None)
        here = PointArms(point, arms, columns, comparison.seeds)
        compared = differences(here, reference)
        for arm in arms:
            own = (one for one in compared if one.variant == arm.variant and one.improvement)
            found[arm] = frozenset(declared[str(one.column.key)] for one in own)
    return found


def families(arm: MeasuredArm) -> tuple[Family, ...]:
    """Where an arm intervenes: its method's family, before training where it erases groups, after it by re-ranking.

    A method or re-ranker that is not installed has none that is known.
    """
    view = next((record.view for record in arm.records if record.spec), SpecView())
    before = "pre" if (view.tree.get("encoder") or {}).get("erase") else ""
    rerank = (view.tree.get("rerank") or {}).get("name", "none")
    after = "" if rerank == "none" else _family("reranker", rerank)
    found: tuple[Family, ...] = (before, _family("method", arm.method), after)  # type: ignore[assignment]
    return tuple(one for one in ("pre", "in", "post") if one in found)


def _family(kind: str, name: str) -> Family:
    try:
        return registry.get(kind, name).family
    except BadInput:
        return ""
