"""The findings of a run, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.domain.metric_key import MetricKey
from harness.evaluation.group_row import GroupRow
from harness.runs.against import Against

if TYPE_CHECKING:
    from harness.evaluation.evaluate import Evaluation


@dataclass(frozen=True)
class Summary:
    """What the final table shows.

    Attributes:
        title: method, data set, seed
        headline: the grouping whose groups are shown one by one; empty where there is none
        trained: the grouping trained on, which is marked; empty where none of those shown was
        ks: cut-offs
        headline_k: the cut-off that group utilities are shown at
        metrics: test values by key, which names no split
        groups: every reported group at every cut-off
        left_out: by grouping, the groups with no or too few test interactions, which no disparity counts
        where: where to look, by label (run id, store, command)
        notes: anything a reader must know
        against: the run that it was selected by, and what lies between them; None: there is none
    """

    title: str
    headline: str
    trained: str
    ks: Sequence[int]
    headline_k: int
    metrics: Mapping[MetricKey, float]
    groups: Sequence[GroupRow]
    left_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    against: Against | None = None

    @classmethod
    def of(
        cls,
        evaluation: "Evaluation",
        *,
        title: str,
        headline: str,
        trained: str,
        ks: Sequence[int],
        headline_k: int,
        where: Mapping[str, str],
        notes: Sequence[str],
        against: Against | None = None,
    ) -> "Summary":
        """What an evaluation says; metrics without a value are noted."""
        undefined = (f"undefined: {key}" for key in evaluation.undefined)
        figures = evaluation.metrics, evaluation.groups, evaluation.left_out
        return cls(title, headline, trained, ks, headline_k, *figures, where, [*notes, *undefined], against)
