"""A run in a process of its own that is gone afterwards."""

from pathlib import Path

from harness.console import Observer
from harness.run import RunResult
from harness.spec import RunSpec
from harness.study.worker import Worker
from harness.track import Tracker


def run_isolated(
    spec: RunSpec,
    *,
    tracker: Tracker,
    parent: str,
    observer: Observer,
    data_folder: Path | None = None,
    offline: bool = False,
    force: bool = False,
) -> RunResult:
    """:meth:`harness.study.worker.Worker.run` by a worker that is used once; raises what that raises."""
    with Worker(tracker=tracker, data_folder=data_folder, offline=offline, force=force) as worker:
        return worker.run(spec, parent=parent, observer=observer)
