"""What became of a run of a study."""

from collections.abc import Container
from enum import StrEnum

from harness.spec.selection import NONE_QUALIFIES


class Status(StrEnum):
    """What became of a run; the failure of one that was pruned, or for which none qualifies, begins with the word."""

    FINISHED = "finished"
    """It has been measured, and an epoch met its selection rule."""
    UNQUALIFIED = "unqualified"
    """It has been measured, but no epoch met its rule: the most accurate one was kept."""
    NONE_QUALIFIES = "none qualifies"
    """There was nothing to run: no epoch of any trial met the rule."""
    PRUNED = "pruned"
    """It was a trial and was stopped, as it fell behind the others."""
    FAILED = "failed"


def status_of(failure: str, tags: Container[str] = ()) -> Status:
    """What became of a run, from why it has no result (empty where it has one) and the tags that it left.

    Runs and records keep these two; records of earlier versions have nothing else.
    """
    if not failure:
        return Status.UNQUALIFIED if NONE_QUALIFIES in tags else Status.FINISHED
    said = failure.replace("_", " ")
    return next((one for one in (Status.NONE_QUALIFIES, Status.PRUNED) if said.startswith(one)), Status.FAILED)
