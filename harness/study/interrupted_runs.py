"""What a process that was killed has left behind in the tracking store."""

from harness.track import Tracker

ENDED = ("FINISHED", "FAILED")


def remove_interrupted(tracker: Tracker, parent: str) -> int:
    """Discard the children of ``parent`` that were stopped half-way, and count them.

    Those are the ones recorded as killed, and those that nobody has ended: a process that dies by SIGKILL leaves its
    run open. Only for whoever has the study alone: an open run may otherwise be somebody's work in progress.
    """
    cut_off = [run.id for run in tracker.children(parent) if run.status not in ENDED]
    for run_id in cut_off:
        tracker.discard(run_id)
    return len(cut_off)
