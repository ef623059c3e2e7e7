"""Files that a run has kept, read and checked."""

from collections.abc import Mapping
from typing import Any

from harness.base.checksums import SUMS_FILE, agrees
from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.base.json_values import read_object
from harness.track import Tracker

SPEC_FILE = "spec.json"


def kept_file(tracker: Tracker, run_id: str, name: str, folder: str = "") -> bytes:
    """The content of one of a run's files, which is what the run wrote, as far as it kept checksums.

    Runs of earlier versions kept none.

    Args:
        folder: of the file and its checksums among the run's files

    Raises:
        BadInput: where there is no such run.
        Unavailable: where the file is another one now.
        HarnessError: where the run has no such file.
    """
    place = f"{folder}/" if folder else ""
    content = tracker.artifact(run_id, place + name)
    try:
        sums = tracker.artifact(run_id, place + SUMS_FILE)
    except BadInput:
        raise
    except HarnessError:
        return content
    if not agrees(sums, name, content):
        raise Unavailable(
            f"run {run_id} in {tracker.location}: its file {place}{name} is damaged, as {SUMS_FILE} beside it says; "
            "put a copy back, or run it again (--force)"
        )
    return content


def kept_spec(tracker: Tracker, run_id: str) -> Mapping[str, Any]:
    """The spec of a run, as a tree.

    Raises:
        BadInput, Unavailable, HarnessError: as :func:`kept_file`, and where it is no tree.
    """
    tree = read_object(kept_file(tracker, run_id, SPEC_FILE))
    if tree is None:
        raise Unavailable(f"run {run_id} in {tracker.location}: its file {SPEC_FILE} is damaged: put a copy back")
    return tree
