"""Only runs that were stopped half-way leave a study."""

from harness.study.interrupted_runs import remove_interrupted
from harness.track.memory import MemoryTracker


def test_open_and_killed_children_go_and_all_others_stay() -> None:
    tracker = MemoryTracker()
    parent, other = tracker.start("study", {}, {}), tracker.start("study", {}, {})
    children = [tracker.start(name, {}, {}, parent=parent.id) for name in ("finished", "failed", "killed", "open")]
    for child, status in zip(children, ("FINISHED", "FAILED", "KILLED"), strict=False):
        child.end(status)  # type: ignore[arg-type]
    somebody_elses = tracker.start("open", {}, {}, parent=other.id)
    assert remove_interrupted(tracker, parent.id) == 2
    assert [run.id for run in tracker.children(parent.id)] == [child.id for child in children[:2]]
    assert [run.id for run in tracker.children(other.id)] == [somebody_elses.id]
    assert remove_interrupted(tracker, parent.id) == 0
