"""Metrics as a table: which split, whose groups, what, at which cut-off."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from harness.domain.metric_key import MetricKey

if TYPE_CHECKING:
    import polars as pl

Measured = tuple[MetricKey, float]


def metric_table(metrics: Mapping[str, float]) -> "pl.DataFrame":
    """A row per metric, by the keys of stores, in the order of ``metrics``; columns as of :func:`metric_rows`."""
    return metric_rows((MetricKey.parse(key), value) for key, value in metrics.items())


def metric_rows(rows: Iterable[Measured | None]) -> "pl.DataFrame":
    """Metrics as a table; None is a row without anything.

    Columns: ``split`` (``validation`` or ``test``; null for what is no measurement of lists: seconds, epochs, drift),
    ``grouping`` (null for metrics of lists), ``metric``, ``k``, ``label`` (the group whose utility it is), ``value``.
    """
    import polars as pl

    schema = {
        "split": pl.String, "grouping": pl.String, "metric": pl.String, "k": pl.Int64, "label": pl.String,
        "value": pl.Float64,
    }  # fmt: skip
    cells = ((None,) * len(schema) if row is None else (*cells_of(row[0]), row[1]) for row in rows)
    return pl.DataFrame(list(cells), schema=schema, orient="row")


def cells_of(key: MetricKey) -> tuple[str | None, str | None, str, int | None, str | None]:
    """Split, grouping, metric, cut-off and label."""
    if key.split not in ("validation", "test"):  # the rest is a name as a whole: drift/distance, selection/…
        whole = str(MetricKey(key.name, None, key.grouping, key.group, key.split))
        return None, None, whole, key.k, None
    return key.split, key.grouping or None, key.name, key.k, key.group or None
