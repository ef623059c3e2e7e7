"""Metrics by key as a table: which split, whose groups, what, at which cut-off."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl

SPLITS = ("validation", "test")
_AT = re.compile(r"(?:(?P<grouping>[^/]+)/)?(?P<metric>[^/]+)_at_(?P<k>\d+)(?:/(?P<label>.+))?")
_ANY = re.compile(r"(?P<metric>.+)_at_(?P<k>\d+)")


class MetricRow(NamedTuple):
    """One metric, taken apart.

    Attributes:
        split: ``validation`` or ``test``; None of what is no measurement of lists (seconds, epochs, drift)
        grouping: the fairness definition; None of metrics of lists
        metric: ``ndcg``, ``cv``, ``utility``, ``training_seconds``
        k: the cut-off, where there is one
        label: the group whose utility it is, as the key spells it
        value: the number
    """

    split: str | None
    grouping: str | None
    metric: str
    k: int | None
    label: str | None
    value: float


def metric_row(key: str, value: float) -> MetricRow:
    """``test/genre/cv_at_20`` taken apart; what does not look like it is a name as a whole."""
    split, _, rest = key.partition("/")
    if split not in SPLITS:
        found = _ANY.fullmatch(key)
        return MetricRow(None, None, found["metric"] if found else key, int(found["k"]) if found else None, None, value)
    found = _AT.fullmatch(rest)
    if found is None:
        return MetricRow(split, None, rest, None, None, value)
    return MetricRow(split, found["grouping"], found["metric"], int(found["k"]), found["label"], value)


def metric_table(metrics: Mapping[str, float]) -> "pl.DataFrame":
    """A row per metric, with the columns of :class:`MetricRow`, in the order of ``metrics``."""
    return metric_rows(metric_row(key, value) for key, value in metrics.items())


def metric_rows(rows: Iterable[MetricRow | None]) -> "pl.DataFrame":
    """The rows as a table; None is a row without anything."""
    import polars as pl

    schema = {
        "split": pl.String, "grouping": pl.String, "metric": pl.String, "k": pl.Int64, "label": pl.String,
        "value": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame([row or (None,) * len(schema) for row in rows], schema=schema, orient="row")
