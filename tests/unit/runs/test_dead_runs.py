"""Runs of dead processes are ended by the next command; all others are left alone."""

from harness.base.process import HOST, PROCESS, this_process
from harness.runs.dead_runs import end_dead_runs
from harness.track.memory import MemoryTracker

DEAD = {**this_process(), PROCESS: "4000000"}


def test_open_runs_of_dead_processes_here_are_ended_as_killed() -> None:
    tracker, lines = MemoryTracker(), list[str]()
    for tags in (DEAD, this_process(), {**DEAD, HOST: "elsewhere"}, {}):
        tracker.start("a run", {}, tags)
    tracker.start("over", {}, DEAD).end("FINISHED")
    assert end_dead_runs(tracker, lines.append) == 1
    assert [run.status for run in tracker.runs.values()] == ["KILLED", None, None, None, "FINISHED"]
    assert next(iter(tracker.runs.values())).tags["failure"] == "its process died"
    assert lines == ["1 run whose process had died ended as KILLED: run-1"]
    assert end_dead_runs(tracker, lines.append) == 0
    assert len(lines) == 1
