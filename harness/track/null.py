"""Record nothing."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from harness.base.errors import BadInput, HarnessError
from harness.track.protocol import RecordedRun, Status, TrackedRun, Tracker
from harness.track.uri import NOWHERE


class NullRun(TrackedRun):
    """A run that leaves no trace."""

    id = "untracked"

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        """Nothing is kept."""

    def log_dataset(self, name: str, digest: str, source: str, context: str, profile: Mapping[str, Any]) -> None:
        """Nothing is kept."""

    def log_artifacts(self, folder: Path, to: str = "") -> None:
        """Nothing is kept."""

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Nothing is kept."""

    def flush(self) -> None:
        """Nothing is kept."""

    def end(self, status: Status) -> None:
        """Nothing is kept."""


class NullTracker(Tracker):
    """Runs are not recorded."""

    location = "none: runs are not recorded"
    keeps = False
    address = (NOWHERE, "")

    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> TrackedRun:
        return NullRun()

    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return None

    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return []

    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return None

    def children(self, parent: str) -> list[RecordedRun]:
        return []

    def called(self, text: str) -> list[str]:
        return []

    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return []

    def finished(self, run_id: str) -> RecordedRun:
        raise BadInput(f"no run {run_id}: runs are not recorded here (see --tracking-uri)")

    def resume(self, run_id: str) -> TrackedRun | None:
        return None

    def artifact(self, run_id: str, path: str) -> bytes:
        raise HarnessError(f"run {run_id} was not recorded: it has no {path}")

    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        """Nothing is kept."""

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        return {key: [] for key in keys}

    def discard(self, run_id: str) -> None:
        """Nothing was kept."""
