"""Files of runs are what the run wrote, or are refused."""

from pathlib import Path

import pytest

from harness.base.checksums import write_sums
from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.runs.group_tables import read_groups, read_top_lists
from harness.runs.kept_file import kept_file, kept_spec
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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"7"])
def test_a_spec_that_is_none_is_refused_in_one_line(tracker: MemoryTracker, content: bytes) -> None:
    """Of a run of an earlier version, without checksums."""
    run = tracker.start("a", {}, {})
    run.artifacts["spec.json"] = content
    with pytest.raises(Unavailable, match=r"its file spec\.json is damaged"):
        kept_spec(tracker, run.id)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1xxxxPAR1", b"grouping,group\ngenre", b"\xff\xfe"])
def test_tables_that_are_none_are_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(Unavailable, match="table of groups that the run kept cannot be read"):
        read_groups(content)
    with pytest.raises(Unavailable, match="top-K lists that the run kept cannot be read"):
        read_top_lists(content)
