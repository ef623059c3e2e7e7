"""Record runs in an MLflow store, in few and large writes."""

import getpass
import json
import random
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from harness.base.errors import BadInput, HarnessError, Unavailable, one_line
from harness.track.buffer import MetricBuffer, Point
from harness.track.database import reason_of
from harness.track.mlflow_histories import read_histories
from harness.track.mlflow_store import open_client, reported_as_unavailable
from harness.track.names import clean_name, param_texts, tag_texts
from harness.track.protocol import ChildRun, FinishedRun, Status, TrackedRun, Tracker
from harness.track.uri import StoreUri

EXPERIMENT = "bifair-harness"
NO_SUCH_RUN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""MLflow's codes: for an id that it does not have, and for a text that is no id of its own."""
FINISHED = "attributes.status = 'FINISHED'"
PARENT_TAG = "mlflow.parentRunId"
MAX_METRICS = 1000
MAX_PARAMS_OR_TAGS = 100
FLUSH_SECONDS = 5.0
MAX_RUNS = 1000
LOST_RACES = ("database is locked", "UNIQUE constraint failed", "UniqueViolation")
"""What SQLite, SQLite and PostgreSQL say to the second of two writers that meet."""
TRIES = 8
PAUSE_SECONDS = 0.1
"""The mean pause after the first try; every further one is twice as long."""


class TrackingFailed(HarnessError):
    """The store failed while a run was being recorded."""


class MlflowRun(TrackedRun):
    """A run in an MLflow store.

    Args:
        client: MLflow's
        uri: the store, for messages
        run_id: MLflow's id
        flush_seconds: metrics are written in batches, this often at most
    """

    def __init__(self, client: Any, uri: StoreUri, run_id: str, flush_seconds: float = FLUSH_SECONDS) -> None:
        self.id = run_id
        self._client = client
        self._uri = uri
        self._flush_seconds = flush_seconds
        self._buffer = MetricBuffer()
        self._flushed_at = time.monotonic()
        self._ended = False

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        self._buffer.add(values, step)
        if len(self._buffer.waiting) >= MAX_METRICS or time.monotonic() - self._flushed_at >= self._flush_seconds:
            self.flush()

    def flush(self) -> None:
        while points := self._buffer.take(MAX_METRICS):
            self.write(points)
        self._flushed_at = time.monotonic()

    def write(self, points: Sequence[Point]) -> None:
        """Write at most :data:`MAX_METRICS` values with their times; one that the store has already changes nothing."""
        from mlflow.entities import Metric

        metrics = [Metric(point.name, point.value, point.at, point.step) for point in points]
        self._write("metrics", self._client.log_batch, self.id, metrics=metrics)

    def log_params(self, params: Mapping[str, str]) -> None:
        """Write parameters, given as text."""
        from mlflow.entities import Param

        for chunk in _chunks([Param(key, value) for key, value in params.items()]):
            self._write("parameters", self._client.log_batch, self.id, params=chunk)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        for chunk in _chunks([RunTag(key, value) for key, value in tag_texts(tags).items()]):
            self._write("tags", self._client.log_batch, self.id, tags=chunk)

    def log_dataset(self, name: str, digest: str, source: str, context: str, profile: Mapping[str, Any]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        http = source.startswith(("http://", "https://"))
        dataset = Dataset(
            name=name,
            digest=digest[:36],
            source_type="http" if http else "local",
            source=json.dumps({"url" if http else "uri": source}),
            profile=json.dumps(dict(profile), default=str),
        )
        inputs = [DatasetInput(dataset, [InputTag("mlflow.data.context", context)])]
        self._write("the data set", self._client.log_inputs, self.id, datasets=inputs)

    def log_artifacts(self, folder: Path, to: str = "") -> None:
        self._write("artifacts", self._client.log_artifacts, self.id, str(folder), to or None)

    def end(self, status: Status) -> None:
        if self._ended:
            return
        self.flush()
        if tags := self._buffer.tags():
            self.set_tags(tags)
        self.terminate(status)
        self._ended = True

    def terminate(self, status: Status, at: int | None = None) -> None:
        """Write the status, and nothing else; the time in milliseconds, None: now."""
        self._write("the end of the run", self._client.set_terminated, self.id, status, at)

    def _write(self, what: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Call the client; what goes wrong becomes one line about the store."""
        try:
            _patiently(call, *args, **kwargs)
        except Exception as error:  # MLflow lets other libraries' errors out
            reason = self._uri.hide(reason_of(error))[:300]
            raise TrackingFailed(f"tracking store {self._uri}: cannot write {what}: {reason}") from error


class MlflowTracker(Tracker):
    """Runs in one experiment of an MLflow store. The store answers before the constructor returns.

    Args:
        uri: the store
        experiment: its name
        page: runs that are asked for at once

    Raises:
        Unavailable: where it does not.
    """

    def __init__(self, uri: StoreUri, experiment: str = EXPERIMENT, page: int = MAX_RUNS) -> None:
        self.location = str(uri)
        self.uri = uri
        self.address = (uri.text, experiment)
        self._page = page
        self._client = open_client(uri)
        with reported_as_unavailable(uri):
            self._experiment = self._find_or_create(experiment)

    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> MlflowRun:
        texts, cut = param_texts(params)
        run = self.create(name, parent)
        run.log_params(texts)
        run.set_tags({**tags, **cut})
        return run

    def create(
        self, name: str, parent: str | None = None, tags: Mapping[str, str] | None = None, began: int | None = None
    ) -> MlflowRun:
        """A run with nothing in it but ``tags``; the time of its start in milliseconds, None: now."""
        system = {"mlflow.user": _user(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "harness"}
        if parent is not None:
            system[PARENT_TAG] = parent
        own = system | tag_texts(tags or {})
        with reported_as_unavailable(self.uri):
            created = _patiently(self._client.create_run, self._experiment, began, own, name)
        return self.unchecked(created.info.run_id)

    def unchecked(self, run_id: str) -> MlflowRun:
        """Writes to a run; whether it is there shows when something is written."""
        return MlflowRun(self._client, self.uri, run_id)

    def with_tags(self, tags: Mapping[str, str]) -> list[ChildRun]:
        """Every run that carries all of ``tags``, whatever its status, oldest first."""
        return self._all(_conditions(tags), "ASC")

    def find_finished(self, tags: Mapping[str, str]) -> FinishedRun | None:
        found = self._newest([FINISHED, *_conditions(tags)])
        return None if found is None else FinishedRun(found.id, found.metrics, found.tags)

    def all_finished(self, tags: Mapping[str, str]) -> list[FinishedRun]:
        found = self._all([FINISHED, *_conditions(tags)], "DESC")
        return [FinishedRun(run.id, run.metrics, run.tags) for run in found]

    def find(self, tags: Mapping[str, str], parent: str | None = None) -> ChildRun | None:
        return self._newest(_conditions(tags if parent is None else {**tags, PARENT_TAG: parent}))

    def children(self, parent: str) -> list[ChildRun]:
        return self._all(_conditions({PARENT_TAG: parent}), "ASC")

    def finished(self, run_id: str) -> FinishedRun:
        found = self._require(run_id)
        if found.info.status != "FINISHED":
            raise BadInput(f"run {run_id} has not finished: its status is {found.info.status}")
        return FinishedRun(run_id, dict(found.data.metrics), dict(found.data.tags))

    def resume(self, run_id: str) -> MlflowRun | None:
        with reported_as_unavailable(self.uri):
            if self._active(run_id) is None:
                return None
            _patiently(self._client.update_run, run_id, status="RUNNING")
        return self.unchecked(run_id)

    def artifact(self, run_id: str, path: str) -> bytes:
        self._require(run_id)
        with tempfile.TemporaryDirectory() as folder:
            try:
                return Path(self._client.download_artifacts(run_id, path, folder)).read_bytes()
            except Exception as error:  # MLflow lets other libraries' errors out
                reason = self.uri.hide(one_line(error))[:200]
                raise HarnessError(f"run {run_id} in {self.uri} has no file {path}: {reason}") from error

    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        self._require(run_id)
        self.unchecked(run_id).log_artifacts(folder, to)

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        self._require(run_id)
        with reported_as_unavailable(self.uri):
            found = read_histories(self._client, run_id, {clean_name(key) for key in keys})
        return {key: found[clean_name(key)] for key in keys}

    def discard(self, run_id: str) -> None:
        from mlflow.exceptions import MlflowException

        with reported_as_unavailable(self.uri):
            try:
                _patiently(self._client.delete_run, run_id)
            except MlflowException as error:
                if error.error_code not in NO_SUCH_RUN:
                    raise

    def _all(self, conditions: Sequence[str], order: Literal["ASC", "DESC"]) -> list[ChildRun]:
        """All runs under the conditions by the time of their start."""
        runs: list[ChildRun] = []
        page = None
        with reported_as_unavailable(self.uri):
            while page is None or page.token:
                page = self._client.search_runs(
                    [self._experiment],
                    " and ".join(conditions),
                    order_by=[f"attributes.start_time {order}"],
                    max_results=self._page,
                    page_token=None if page is None else page.token,
                )
                runs += map(_listed, page)
        return runs

    def _newest(self, conditions: Sequence[str]) -> ChildRun | None:
        with reported_as_unavailable(self.uri):
            found = self._client.search_runs(
                [self._experiment], " and ".join(conditions), order_by=["attributes.start_time DESC"], max_results=1
            )
        return _listed(found[0]) if found else None

    def _require(self, run_id: str) -> Any:
        """MLflow's record of a run; BadInput where the store has no such run, or has it as deleted."""
        with reported_as_unavailable(self.uri):
            found = self._active(run_id)
        if found is None:
            raise BadInput(f"no run {run_id} in {self.uri}: 'harness ui' shows those there are")
        return found

    def _active(self, run_id: str) -> Any | None:
        """MLflow's record of a run; None where the store has no such run, or has it as deleted."""
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code not in NO_SUCH_RUN:
                raise
            return None
        return found if found.info.lifecycle_stage == "active" else None

    def _find_or_create(self, name: str) -> str:
        """The experiment's id; artifacts of a local store get an absolute place that is never the working directory."""
        from mlflow.exceptions import MlflowException

        experiment = self._client.get_experiment_by_name(name)
        if experiment is None:
            location = None if self.uri.artifacts is None else self.uri.artifacts.as_uri()
            try:
                return str(self._client.create_experiment(name, artifact_location=location))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
                experiment = self._client.get_experiment_by_name(name)
        if experiment.lifecycle_stage != "active":
            raise Unavailable(f"experiment '{name}' was deleted in {self.uri}; restore it or use --experiment NAME")
        return str(experiment.experiment_id)


def _chunks(entries: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(entries), MAX_PARAMS_OR_TAGS):
        yield entries[start : start + MAX_PARAMS_OR_TAGS]


def _patiently(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the client; where another writer was in the way it is tried again, after longer and longer pauses.

    SQLite waits for a lock itself, but refuses at once where waiting could never end: two transactions that have both
    read and now want to write. And where two runs log the same data set at once, both find it missing and both add
    it. One of them has to begin anew; the pauses are random so that they do not meet again.
    """
    for attempt in range(TRIES - 1):
        try:
            return call(*args, **kwargs)
        except Exception as error:  # MLflow lets other libraries' errors out
            if not any(sign in str(error) for sign in LOST_RACES):
                raise
        time.sleep(random.uniform(0, 2 * PAUSE_SECONDS * 2**attempt))
    return call(*args, **kwargs)


def _listed(run: Any) -> ChildRun:
    """A run as MLflow gives it."""
    return ChildRun(run.info.run_id, run.info.status, dict(run.data.metrics), dict(run.data.tags))


def _conditions(tags: Mapping[str, str]) -> list[str]:
    """What MLflow's search is asked: all of ``tags``."""
    return [f"tags.`{key}` = {_quoted(value)}" for key, value in tag_texts(tags).items()]


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
