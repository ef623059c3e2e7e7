"""Record runs in memory, with the behaviour of a real store: for tests and for notebooks that keep nothing."""

import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from harness.base.errors import BadInput, HarnessError
from harness.track.buffer import MetricBuffer, Point
from harness.track.digests import UNKNOWN
from harness.track.names import clean_name, param_texts, tag_texts
from harness.track.protocol import RecordedRun, Status, TrackedRun, Tracker


class MemoryRun(TrackedRun):
    """A run whose record is its attributes; artifacts are kept as bytes by path."""

    def __init__(
        self, run_id: str, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None
    ) -> None:
        self.id = run_id
        self.name = name
        self.params, cut = param_texts(params)
        self.tags = tag_texts({**tags, **cut})
        self.parent = parent
        self.points: list[Point] = []
        self.datasets: list[dict[str, Any]] = []
        self.artifacts: dict[str, bytes] = {}
        self.status: Status | None = None
        self._buffer = MetricBuffer()

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        self._buffer.add(values, step)

    def log_dataset(self, name: str, digest: str, source: str, context: str, profile: Mapping[str, Any]) -> None:
        self.datasets.append(
            {"name": name, "digest": digest, "source": source, "context": context, "profile": dict(profile)}
        )

    def log_artifacts(self, folder: Path, to: str = "") -> None:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.artifacts[(Path(to) / file.relative_to(folder)).as_posix()] = file.read_bytes()

    def set_tags(self, tags: Mapping[str, str]) -> None:
        self.tags.update(tag_texts(tags))

    def flush(self) -> None:
        self.points += self._buffer.take(len(self._buffer.waiting))

    def end(self, status: Status) -> None:
        if self.status is None:
            self.flush()
            self.set_tags(self._buffer.tags())
            self.status = status

    def go_on(self) -> None:
        """It has not ended after all."""
        self.status, self._buffer = None, MetricBuffer(whole=False)
        self.tags |= UNKNOWN

    @property
    def metrics(self) -> dict[str, float]:
        """The last written value of each metric."""
        return {point.name: point.value for point in self.points}


class MemoryTracker(Tracker):
    """Runs by id, oldest first, for as long as the process lives."""

    location = "memory"

    def __init__(self) -> None:
        self.runs: dict[str, MemoryRun] = {}
        self._numbers = itertools.count(1)

    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> MemoryRun:
        run = MemoryRun(f"run-{next(self._numbers)}", name, params, tags, parent)
        self.runs[run.id] = run
        return run

    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next(iter(self.all_finished(tags)), None)

    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return [_listed(run) for run in self._tagged(tags) if run.status == "FINISHED"]

    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next((_listed(run) for run in self._tagged(tags)), None)

    def children(self, parent: str) -> list[RecordedRun]:
        return [_listed(run) for run in self.runs.values() if run.parent == parent]

    def called(self, text: str) -> list[str]:
        runs = [run for run in self.runs.values() if text and (run.id.startswith(text) or run.name == text)]
        return [run.id for run in reversed(runs)]

    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        wanted = tag_texts(tags).items()
        return [_listed(run) for run in self.runs.values() if run.status is None and wanted <= run.tags.items()]

    def finished(self, run_id: str) -> RecordedRun:
        run = self._require(run_id)
        if run.status != "FINISHED":
            raise BadInput(f"run {run_id} has not finished: its status is {run.status or 'RUNNING'}")
        return _listed(run)

    def resume(self, run_id: str) -> MemoryRun | None:
        run = self.runs.get(run_id)
        if run is not None:
            run.go_on()
        return run

    def artifact(self, run_id: str, path: str) -> bytes:
        run = self._require(run_id)
        if path not in run.artifacts:
            raise HarnessError(f"run {run_id} has no file {path}")
        return run.artifacts[path]

    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        self._require(run_id).log_artifacts(folder, to)

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        points = sorted(self._require(run_id).points, key=lambda point: (point.step, point.at))
        return {key: [(point.step, point.value) for point in points if point.name == clean_name(key)] for key in keys}

    def discard(self, run_id: str) -> None:
        self.runs.pop(run_id, None)

    def _tagged(self, tags: Mapping[str, str]) -> list[MemoryRun]:
        """Those that carry all of ``tags``, newest first."""
        return [run for run in reversed(self.runs.values()) if tag_texts(tags).items() <= run.tags.items()]

    def _require(self, run_id: str) -> MemoryRun:
        run = self.runs.get(run_id)
        if run is None:
            raise BadInput(f"no run {run_id} in {self.location}")
        return run


def _listed(run: MemoryRun) -> RecordedRun:
    return RecordedRun(run.id, run.status or "RUNNING", run.metrics, dict(run.tags))
