"""Metrics of a run by step, out of an MLflow store.

MLflow's client asks for one metric at a time. A database answers for all of them at once; a server is asked for several
at a time.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from harness.track.mlflow_private import database_of, metrics_table

KEYS_PER_QUESTION = 500
"""Databases take thousands of parameters in a statement, some no more than a thousand."""
REQUESTS_AT_A_TIME = 8


def read_histories(client: Any, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
    """All values of each metric as (step, value), by step, then by the time of writing."""
    database = database_of(client)
    return from_client(client, run_id, keys) if database is None else _from_database(database, run_id, sorted(keys))


def from_client(client: Any, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
    """The same, each metric asked for by itself, several at a time."""
    with ThreadPoolExecutor(REQUESTS_AT_A_TIME) as pool:
        found = list(pool.map(lambda key: client.get_metric_history(run_id, key), keys))
    return {
        key: [(point.step, point.value) for point in sorted(points, key=lambda point: (point.step, point.timestamp))]
        for key, points in zip(keys, found, strict=True)
    }


def _from_database(database: Any, run_id: str, keys: list[str]) -> dict[str, list[tuple[int, float]]]:
    metric = metrics_table()
    found: dict[str, list[tuple[int, float]]] = {key: [] for key in keys}
    with database.ManagedSessionMaker() as session:
        for start in range(0, len(keys), KEYS_PER_QUESTION):
            rows = (
                session.query(metric.key, metric.step, metric.value)
                .filter(metric.run_uuid == run_id, metric.key.in_(keys[start : start + KEYS_PER_QUESTION]))
                .order_by(metric.step, metric.timestamp)
            )
            for key, step, value in rows:
                found[key].append((step, value))
    return found
