"""A file that a run has kept, read and checked."""

from harness.base.checksums import SUMS_FILE, agrees
from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.track import Tracker


def kept_file(tracker: Tracker, run_id: str, name: str) -> bytes:
    """The content of one of a run's files, which is what the run wrote, as far as it kept checksums.

    Runs of earlier versions kept none.

    Raises:
        BadInput: where there is no such run.
        Unavailable: where the file is another one now.
        HarnessError: where the run has no such file.
    """
    content = tracker.artifact(run_id, name)
    try:
        sums = tracker.artifact(run_id, SUMS_FILE)
    except BadInput:
        raise
    except HarnessError:
        return content
    if not agrees(sums, name, content):
        raise Unavailable(
            f"run {run_id} in {tracker.location}: its file {name} is damaged, as {SUMS_FILE} beside it says; "
            "put a copy back, or run it again (--force)"
        )
    return content
