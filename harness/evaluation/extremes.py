"""Definitions with thousands of groups (each item on its own, say): what is shown of them instead of every group."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from harness.domain.metric_key import MetricKey
from harness.evaluation.group_row import GroupRow

MANY_GROUPS = 60
"""Up to so many groups each is shown, drawn and tracked under its name; of more, the extremes. Files keep them all."""

AT_EACH_END = 8
"""How many of the best and how many of the worst groups are shown of a definition with many."""


class Extremes(NamedTuple):
    """The ends of a ranking of groups.

    Attributes:
        best: most utility first
        between: how many groups are not shown
        worst: least utility last
    """

    best: Sequence[GroupRow]
    between: int
    worst: Sequence[GroupRow]


def ranked(rows: Sequence[GroupRow]) -> list[GroupRow]:
    """Rows of one grouping and cut-off by utility, most first, then by name."""
    return sorted(rows, key=lambda row: (-row.utility, row.group))


def extremes(rows: Sequence[GroupRow]) -> Extremes:
    """The best and the worst of more than ``MANY_GROUPS`` groups; all are ``best`` where there are no more than that.

    Of groups with equal utilities those with more test interactions are nearer to their end of the ranking: hundreds
    of items that nobody found have utility 0, and the ones that many users should have found say most.

    Args:
        rows: of one grouping and one cut-off
    """
    if len(rows) <= MANY_GROUPS:
        return Extremes(ranked(rows), 0, ())
    mean = sum(row.utility for row in rows) / len(rows)

    def place(row: GroupRow) -> tuple[float, int, str]:
        return -row.utility, -row.interactions if row.utility > mean else row.interactions, row.group

    ordered = sorted(rows, key=place)
    return Extremes(ordered[:AT_EACH_END], len(rows) - 2 * AT_EACH_END, ordered[-AT_EACH_END:])


def listed(names: Sequence[str], of: int) -> str:
    """Names of some of ``of`` groups as text: all of them, or the first few and the number of the others."""
    if of <= MANY_GROUPS or len(names) <= AT_EACH_END:
        return ", ".join(names)
    return f"{', '.join(names[:AT_EACH_END])} and {len(names) - AT_EACH_END:,} more"


def extreme_tags(rows: Sequence[GroupRow], grouping: str) -> dict[str, str]:
    """Tags that name the best and the worst groups of a grouping with many, with their utilities.

    Args:
        rows: of that grouping at one cut-off
    """
    found = extremes(rows)
    ends = {"best": found.best, "worst": [*reversed(found.worst)]}
    return {
        f"groups.{grouping}.{end}": ", ".join(f"{row.group} {row.utility:.4f}" for row in shown)
        for end, shown in ends.items()
    }


def by_group(key: MetricKey, values: Mapping[str, float], keys: Mapping[str, str]) -> dict[MetricKey, float]:
    """Values of groups, each by its own key: ``name/GROUP``; of many groups ``name_min`` and ``name_max``.

    Args:
        key: what the values are: ``train/group_loss``
        values: by group
        keys: each group's name as a part of a key; their number decides
    """
    if len(keys) <= MANY_GROUPS:
        return {replace(key, group=keys[group]): value for group, value in values.items()}
    ends = {"min": min, "max": max} if values else {}
    return {replace(key, name=f"{key.name}_{end}"): of(values.values()) for end, of in ends.items()}


def sizes_in_short(sizes: Mapping[str, int]) -> dict[str, Any]:
    """Members by group; of many groups their number and the smallest and largest one's members."""
    if len(sizes) <= MANY_GROUPS:
        return dict(sizes)
    return {"groups": len(sizes), "smallest": min(sizes.values()), "largest": max(sizes.values())}
