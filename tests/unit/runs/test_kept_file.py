"""Files of runs are what the run wrote, or are refused."""

from pathlib import Path

import pytest

from harness.base.checksums import write_sums
from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.runs.kept_file import kept_file
from harness.track.memory import MemoryRun, MemoryTracker


@pytest.fixture
def tracker() -> MemoryTracker:
    return MemoryTracker()


@pytest.fixture
def run(tracker: MemoryTracker, tmp_path: Path) -> MemoryRun:
    (tmp_path / "groups.csv").write_bytes(b"group,0.25\n")
    write_sums(tmp_path)
    run = tracker.start("a", {}, {})
    run.log_artifacts(tmp_path)
    return run


def test_what_was_written_is_read(tracker: MemoryTracker, run: MemoryRun) -> None:
    assert kept_file(tracker, run.id, "groups.csv") == b"group,0.25\n"


@pytest.mark.parametrize("content", [b"group,0.26\n", b"group,0.25", b""])
def test_what_has_changed_is_refused(tracker: MemoryTracker, run: MemoryRun, content: bytes) -> None:
    run.artifacts["groups.csv"] = content
    with pytest.raises(Unavailable, match=r"its file groups\.csv is damaged, as SHA256SUMS beside it says"):
        kept_file(tracker, run.id, "groups.csv")


def test_damaged_checksums_refuse_too_and_none_are_those_of_an_earlier_version(
    tracker: MemoryTracker, run: MemoryRun
) -> None:
    run.artifacts["SHA256SUMS"] = b"z" + run.artifacts["SHA256SUMS"][1:]
    with pytest.raises(Unavailable):
        kept_file(tracker, run.id, "groups.csv")
    del run.artifacts["SHA256SUMS"]
    assert kept_file(tracker, run.id, "groups.csv") == b"group,0.25\n"


def test_no_such_run_and_no_such_file(tracker: MemoryTracker, run: MemoryRun) -> None:
    with pytest.raises(BadInput):
        kept_file(tracker, "nobody", "groups.csv")
    with pytest.raises(HarnessError, match=r"has no file spec\.json"):
        kept_file(tracker, run.id, "spec.json")
