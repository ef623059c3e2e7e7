"""One run being recorded in an MLflow store, in few and large writes."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.base import interrupts
from harness.base.errors import HarnessError
from harness.base.full_disk import DiskFull, disk_full
from harness.track.buffer import MetricBuffer, Point
from harness.track.database import reason_of
from harness.track.lost_races import patiently
from harness.track.names import tag_texts
from harness.track.protocol import Status, TrackedRun
from harness.track.records import local_folder
from harness.track.uri import StoreUri

MAX_METRICS = 1000
MAX_PARAMS_OR_TAGS = 100
FLUSH_SECONDS = 5.0


class TrackingFailed(HarnessError):
    """The store failed while a run was being recorded."""


class MlflowRun(TrackedRun):
    """A run in an MLflow store.

    Args:
        client: MLflow's
        uri: the store, for messages
        run_id: MLflow's id
        flush_seconds: metrics are written in batches, this often at most
        begun: whether it has just been begun, with no values in it
    """

    def __init__(
        self, client: Any, uri: StoreUri, run_id: str, flush_seconds: float = FLUSH_SECONDS, begun: bool = False
    ) -> None:
        self.id = run_id
        self._client = client
        self._uri = uri
        self._flush_seconds = flush_seconds
        self._buffer = MetricBuffer(whole=begun)
        self._flushed_at = time.monotonic()
        self._ended = False

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        self._buffer.add(values, step)
        if len(self._buffer.waiting) >= MAX_METRICS or time.monotonic() - self._flushed_at >= self._flush_seconds:
            self.flush()

    def flush(self) -> None:
        with interrupts.deferred():
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
        try:
            self._write("artifacts", self._client.log_artifacts, self.id, str(folder), to or None)
        except DiskFull:
            self._take_back(folder, to)
            raise

    def _take_back(self, folder: Path, to: str) -> None:
        """Remove what of the files, and what half of one, was copied to a folder of this machine."""
        if (place := local_folder(str(self._client.get_run(self.id).info.artifact_uri))) is not None:
            for file in (path for path in folder.rglob("*") if path.is_file()):
                (place / to / file.relative_to(folder)).unlink(missing_ok=True)

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
            patiently(call, *args, **kwargs)
        except Exception as error:  # MLflow lets other libraries' errors out
            if full := disk_full(error, self._uri.file):
                raise full from error
            reason = self._uri.hide(reason_of(error))[:300]
            raise TrackingFailed(f"tracking store {self._uri}: cannot write {what}: {reason}") from error


def _chunks(entries: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(entries), MAX_PARAMS_OR_TAGS):
        yield entries[start : start + MAX_PARAMS_OR_TAGS]
