"""Fairness and accuracy of top-K lists, whoever made them."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.api.metric_table import metric_table
from harness.console.plain import PlainConsole
from harness.evaluation.evaluate import Evaluation
from harness.runs.artifacts import metrics_on_test
from harness.runs.group_tables import groups_table
from harness.runs.summary import Summary

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, repr=False)
class Scores:
    """What lists get: by metric, and by group. Printed, it is a table.

    Attributes:
        title: of what
        ks: cut-offs
        notes: what a reader must know: who was left out and why, how groups were made
        evaluation: everything, as the engine has it

    >>> import harness as h
    >>> import polars as pl
    >>> test = pl.DataFrame({"user": [1, 1, 2], "item": ["a", "b", "a"]})
    >>> scores = h.evaluate_lists({1: ["a", "c"], 2: ["c", "b"]}, test, ks=[2])
    >>> scores.metrics["test/recall_at_2"]
    0.25
    >>> scores.to_frame().filter(metric="recall").select("k", "value").rows()
    [(2, 0.25)]
    """

    title: str
    ks: Sequence[int]
    notes: Sequence[str]
    evaluation: Evaluation

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """Values by key, spelt as those of a run: ``test/ndcg_at_20``, ``test/genre/cv_at_20``."""
        return metrics_on_test(self.evaluation)

    @cached_property
    def groups(self) -> "pl.DataFrame":
        """What each group gets: ``grouping``, ``group``, ``k``, ``utility``, ``interactions``, ``members``.

        Groups without a test interaction have no utility and are not there; the printed table names them, and those
        that are here but have too few test interactions (``min_test``) to count in a disparity.
        """
        return groups_table(self.evaluation.groups)

    def to_frame(self) -> "pl.DataFrame":
        """A row per metric: ``split``, ``grouping``, ``metric``, ``k``, ``label``, ``value``."""
        return metric_table(self.metrics)

    def __repr__(self) -> str:
        summary = Summary.of(
            self.evaluation,
            title=self.title,
            headline=next((table.membership.grouping for table in self.evaluation.tables), ""),
            trained="",
            ks=self.ks,
            headline_k=max(self.ks),
            where={},
            notes=self.notes,
        )
        text = io.StringIO()
        PlainConsole(text).result(summary)
        return text.getvalue().strip()
