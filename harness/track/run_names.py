"""What people call a run: the beginning of its id, its name, or ``last``."""

import re

from harness.base.errors import BadInput
from harness.track.protocol import Tracker

LAST = "last"
SHOWN = 4
_WHOLE_ID = re.compile(r"[0-9a-f]{32}")


def id_meant(tracker: Tracker, text: str) -> str:
    """The id of the run that is meant; a text that no run has comes back as it is.

    Args:
        text: an id, a beginning of one that no other run has, a run's name, or ``last``: the newest finished run that
            has been measured on test data

    Raises:
        BadInput: where several runs are meant, or there is no last one.
    """
    if _WHOLE_ID.fullmatch(text):
        return text
    if text == LAST:
        newest = tracker.find_finished({"evaluated": "test"})
        if newest is None:
            raise BadInput(f"{LAST}: no finished run in {tracker.location} has been measured on test data")
        return newest.id
    ids = tracker.called(text)
    if text in ids or not ids:
        return text
    if len(ids) > 1:
        shown = ", ".join(ids[:SHOWN]) + (", …" if len(ids) > SHOWN else "")
        raise BadInput(f"'{text}' may be any of {len(ids)} runs ({shown}): give more of the id")
    return ids[0]
