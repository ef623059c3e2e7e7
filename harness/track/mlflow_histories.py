"""Metrics of a run by step, out of an MLflow store.

MLflow's client asks for one metric at a time. A database answers for all of them at once; a server is asked for several
at a time.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

KEYS_PER_QUESTION = 500
"""Databases take thousands of parameters in a statement, some no more than a thousand."""
REQUESTS_AT_A_TIME = 8


def read_histories(client: Any, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
    """All values of each metric as (step, value), by step, then by the time of writing."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = client._tracking_client.store
    if isinstance(store, SqlAlchemyStore):
        return _from_database(store, run_id, sorted(keys))
    with ThreadPoolExecutor(REQUESTS_AT_A_TIME) as pool:
        found = list(pool.map(lambda key: client.get_metric_history(run_id, key), keys))
    return {
        key: [(point.step, point.value) for point in sorted(points, key=lambda point: (point.step, point.timestamp))]
        for key, points in zip(keys, found, strict=True)
    }


def _from_database(store: Any, run_id: str, keys: list[str]) -> dict[str, list[tuple[int, float]]]:
    from mlflow.store.tracking.dbmodels.models import SqlMetric

    found: dict[str, list[tuple[int, float]]] = {key: [] for key in keys}
    with store.ManagedSessionMaker() as session:
        for start in range(0, len(keys), KEYS_PER_QUESTION):
            rows = (
                session.query(SqlMetric.key, SqlMetric.step, SqlMetric.value)
                .filter(SqlMetric.run_uuid == run_id, SqlMetric.key.in_(keys[start : start + KEYS_PER_QUESTION]))
                .order_by(SqlMetric.step, SqlMetric.timestamp)
            )
            for key, step, value in rows:
                found[key].append((step, value))
    return found
