"""A study's own run: the one that its runs belong to, found again by every later call."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.spec import digest_of
from harness.study.records import Records, write_records
from harness.track import TrackedRun, Tracker

RECORDS_FOLDER, REPORT_FOLDER = "records", "report"
STUDY_TAG, IDENTITY_TAG, BUDGET_TAG = "study", "study.id", "study.budget"


def identity_of(name: str, budget: str, tree: Mapping[str, Any]) -> str:
    """The name under which a study is found again: that of the study, and a hash of what the user asked of it.

    How many seeds and trials are no part of it, so that a study can be extended; nor is the machine.
    """
    asked = {key: value for key, value in tree.items() if key != "compute"}
    return f"{name}-{digest_of({'budget': budget, 'tree': asked})}"


@contextmanager
def parent_run(
    tracker: Tracker, title: str, params: Mapping[str, Any], tags: Mapping[str, str]
) -> Iterator[TrackedRun]:
    """The study's run, begun or gone on with.

    Args:
        tags: with ``IDENTITY_TAG``, by which it is found
    """
    before = tracker.find({STUDY_TAG: tags[STUDY_TAG], IDENTITY_TAG: tags[IDENTITY_TAG]})
    parent = tracker.resume(before.id) if before else None
    with parent or tracker.start(title, params, tags) as run:
        yield run


def keep_records(records: Records, parent: TrackedRun) -> None:
    """Log the study's records with its run."""
    with tempfile.TemporaryDirectory() as folder:
        write_records(records, Path(folder))
        parent.log_artifacts(Path(folder), RECORDS_FOLDER)
