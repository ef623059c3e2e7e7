"""A run that is written to a journal; the store has it a little later."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.base import interrupts
from harness.track.buffer import MetricBuffer
from harness.track.journal.journal_file import DATASET, END, METRICS, TAGS, Journal
from harness.track.journal.sender import Sender
from harness.track.names import tag_texts
from harness.track.protocol import Status, TrackedRun


class JournaledRun(TrackedRun):
    """Writes entries; nothing here waits for the store.

    Args:
        run_id: the store's, or the journal's key
        journal: begun, and this process's
        sender: sends it
        begun: whether it has just been begun, with no values in it
    """

    def __init__(self, run_id: str, journal: Journal, sender: Sender, begun: bool = False) -> None:
        self.id = run_id
        self._journal = journal
        self._sender = sender
        self._buffer = MetricBuffer(whole=begun)
        self._ended = False

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        with interrupts.deferred():
            self._buffer.add(values, step)
            points = self._buffer.take(len(self._buffer.waiting))
            if points:
                self._journal.append(METRICS, [(point.name, point.value, point.step, point.at) for point in points])

    def log_dataset(self, name: str, digest: str, source: str, context: str, profile: Mapping[str, Any]) -> None:
        said = {"name": name, "digest": digest, "source": source, "context": context, "profile": dict(profile)}
        self._journal.append(DATASET, said)

    def log_artifacts(self, folder: Path, to: str = "") -> None:
        self._journal.keep_files(folder, to)

    def set_tags(self, tags: Mapping[str, str]) -> None:
        if texts := tag_texts(tags):
            self._journal.append(TAGS, texts)

    def flush(self) -> None:
        """Everything is in the journal; the store is to have it soon."""
        self._sender.hurry()

    def end(self, status: Status) -> None:
        if self._ended:
            return
        self.set_tags(self._buffer.tags())
        self.close(status)

    def close(self, status: Status | None) -> None:
        """Write the last entry; None leaves the run as it is."""
        self._ended = True
        self._journal.append(END, {"status": status, "at": time.time_ns() // 1_000_000})
        self._sender.hurry()
