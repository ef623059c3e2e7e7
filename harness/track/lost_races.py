"""Writes to an MLflow store that another writer was in the way of: tried again."""

import random
import time
from collections.abc import Callable
from typing import Any

LOST_RACES = ("database is locked", "UNIQUE constraint failed", "UniqueViolation")
"""What SQLite, SQLite and PostgreSQL say to the second of two writers that meet."""
TRIES = 8
PAUSE_SECONDS = 0.1
"""The mean pause after the first try; every further one is twice as long."""


def patiently(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the client; where another writer was in the way it is tried again, after longer and longer pauses.

    SQLite waits for a lock itself, but refuses at once where waiting could never end: two transactions that have both
    read and now want to write. And where two runs log the same data set at once, both find it missing and both add
    it. One of them has to begin anew; the pauses are random so that they do not meet again.
    """
    for attempt in range(TRIES - 1):
        try:
            return call(*args, **kwargs)
        except Exception as error:  # MLflow lets other libraries' errors out
            if not any(sign in str(error) for sign in LOST_RACES):
                raise
        time.sleep(random.uniform(0, 2 * PAUSE_SECONDS * 2**attempt))
    return call(*args, **kwargs)
