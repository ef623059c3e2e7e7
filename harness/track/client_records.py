"""What a store has recorded, asked through MLflow's client: of servers, and of files that need MLflow's own hand."""

import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from harness.base.full_disk import disk_full
from harness.track.mlflow_histories import read_histories
from harness.track.protocol import RecordedRun
from harness.track.records import Histories, Records, Wanted

NO_SUCH_RUN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""MLflow's codes: for an id that it does not have, and for a text that is no id of its own."""
PAGE = 1000
"""The most runs that are asked for at once."""


class ClientRecords(Records):
    """As :class:`harness.track.records.Records` promises.

    Args:
        client: MLflow's
        page: runs that are asked for at once
    """

    def __init__(self, client: Any, name: str, where: str, page: int = PAGE) -> None:
        super().__init__(name, where)
        self._client = client
        self._page = page

    def _look_up(self) -> tuple[str, str] | None:
        found = self._client.get_experiment_by_name(self._name)
        return None if found is None else (str(found.experiment_id), found.lifecycle_stage)

    def search(self, wanted: Wanted) -> Iterator[RecordedRun]:
        conditions = [f"tags.`{key}` = {_quoted(value)}" for key, value in wanted.tags.items()]
        if wanted.status is not None:
            conditions.insert(0, f"attributes.status = '{wanted.status}'")
        return self._in_pages(conditions, "DESC" if wanted.newest_first else "ASC", wanted.at_once)

    def called(self, text: str) -> list[str]:
        if {"'", '"'} <= {*text}:  # MLflow knows no way to write such a text
            return []
        asked = [f"attributes.run_name = {_quoted(text)}"]
        if text.isalnum():
            asked.append(f"attributes.run_id LIKE '{text}%'")
        return list(dict.fromkeys(run.id for one in asked for run in self._in_pages([one], "DESC")))

    def get(self, run_id: str) -> RecordedRun | None:
        found = any_stage(self._client, run_id)
        return None if found is None or found.info.lifecycle_stage != "active" else _listed(found)

    def artifacts(self, run_id: str) -> str:
        return str(self._client.get_run(run_id).info.artifact_uri)

    def histories(self, run: RecordedRun, keys: Collection[str]) -> tuple[Histories, bool]:
        return read_histories(self._client, run.id, keys, run.tags)

    def _in_pages(self, conditions: list[str], order: str, at_once: int = 0) -> Iterator[RecordedRun]:
        """Runs of the experiment under all of the conditions, a page of them asked for when they are wanted."""
        if (experiment := self.experiment) is None:
            return
        page = None
        while page is None or page.token:
            page = self._client.search_runs(
                [experiment],
                " and ".join(conditions),
                order_by=[f"attributes.start_time {order}"],
                max_results=min(at_once or self._page, self._page),
                page_token=None if page is None else page.token,
            )
            yield from map(_listed, page)


def any_stage(client: Any, run_id: str) -> Any | None:
    """MLflow's record of a run, deleted or not; None where the store has no such run."""
    from mlflow.exceptions import MlflowException

    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code not in NO_SUCH_RUN:
            raise
        return None


def downloaded(client: Any, run_id: str, path: str) -> bytes:
    """The content of one of a run's files, from wherever the client knows them to be."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Path(client.download_artifacts(run_id, path, folder)).read_bytes()
        except Exception as error:  # MLflow lets other libraries' errors out
            if full := disk_full(error, Path(folder)):
                raise full from error
            raise


def _listed(run: Any) -> RecordedRun:
    """A run as MLflow gives it."""
    return RecordedRun(run.info.run_id, run.info.status, dict(run.data.metrics), dict(run.data.tags))


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
