"""Finished runs, found again in a tracking store."""

from typing import Any

from harness.api.finished_run import Run, id_of
from harness.api.session import session
from harness.base.errors import BadInput, as_given, unknown

FILTERS = (
    "method", "rerank", "dataset", "group", "seed", "evaluated", "spec", "inputs", "code", "plugins", "device",
    "threads", "commit",
)  # fmt: skip
"""Tags of every run that have a name in Python."""


def find_runs(*, tracking_uri: str | None = None, **filters: Any) -> list[Run]:
    """Finished runs, newest first.

    Args:
        tracking_uri: the MLflow store; unset: ``MLFLOW_TRACKING_URI``, else the one in the home folder
        filters: what runs are tagged with, all of it: ``method``, ``rerank``, ``dataset``, ``group``, ``seed``;
            ``evaluated`` (``test``, or ``validation`` of runs that only select, as trials do); ``spec`` (a digest),
            ``inputs``, ``code``, ``plugins``, ``device``, ``threads``, ``commit``

    Raises:
        BadInput: for another filter, with the nearest one, and for a value that no tag has.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> run = h.run(h.RunSpec(method="random", seed=3, **shop))
    >>> h.find_runs(method="random", seed=3) == [run]
    True
    >>> h.find_runs(method="random", seed=4)
    []
    """
    for name, value in filters.items():
        if name not in FILTERS:
            raise unknown("filter of find_runs", name, FILTERS)
        if not isinstance(value, (str, int)):
            raise BadInput(f"find_runs: {name} is text or a whole number, not {as_given(value)}")
    with session(store=tracking_uri) as here:
        found = here.tracker.all_finished({name: str(value) for name, value in filters.items()})
        return [Run.of(run, here.tracker) for run in found if "spec" in run.tags]


def load_run(id: str, *, tracking_uri: str | None = None) -> Run:
    """The finished run of this id.

    Args:
        id: as the command line and MLflow show it, the beginning of it, the run's name, or ``last``
        tracking_uri: the MLflow store; unset: ``MLFLOW_TRACKING_URI``, else the one in the home folder

    Raises:
        BadInput: where there is no such run, or it has not finished.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> run = h.run(h.RunSpec(method="random", **shop))
    >>> h.load_run(run.id).metrics == run.metrics
    True
    """
    with session(store=tracking_uri) as here:
        return Run.of(here.tracker.finished(id_of(id, here.tracker)), here.tracker)
