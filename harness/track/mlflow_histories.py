"""Metrics of a run by step, out of an MLflow store.

MLflow's client asks for one metric at a time. A database answers for all of them at once; a server is asked for several
at a time.
"""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from harness.base import interrupts
from harness.track.mlflow_private import database_of, metrics_table
from harness.track.records import Histories, histories_of

REQUESTS_AT_A_TIME = 8


def read_histories(client: Any, run_id: str, keys: Collection[str], tags: Mapping[str, str]) -> tuple[Histories, bool]:
    """All values of each metric as (step, value), by step, then by the time of writing.

    And whether they are intact by the run's ``tags``: all of its values tell that, which a server is not asked for.
    """
    database = database_of(client)
    if database is None:
        return from_client(client, run_id, keys), True
    return histories_of(_rows(database, run_id), keys, tags)


def from_client(client: Any, run_id: str, keys: Collection[str]) -> Histories:
    """The same, each metric asked for by itself, several at a time."""
    with ThreadPoolExecutor(REQUESTS_AT_A_TIME) as pool:
        found = list(pool.map(lambda key: client.get_metric_history(run_id, key), keys))
    return {
        key: [(point.step, point.value) for point in sorted(points, key=lambda point: (point.step, point.timestamp))]
        for key, points in zip(keys, found, strict=True)
    }


def _rows(database: Any, run_id: str) -> list[tuple[str, int, float]]:
    """Every value of the run: name, step, value; by step, then by the time of writing."""
    metric = metrics_table()
    with interrupts.unbroken(), database.ManagedSessionMaker() as session:
        rows = session.query(metric.key, metric.step, metric.value).filter(metric.run_uuid == run_id)
        return [(key, step, value) for key, step, value in rows.order_by(metric.step, metric.timestamp)]
