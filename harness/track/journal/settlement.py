"""The end of a command: what has not been sent is tried for a bounded time, and then said."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass

from harness.base import paths
from harness.track.journal.asked_store import AskedStore
from harness.track.protocol import NotRecorded
from harness.track.uri import URI_VARIABLE

SAY_SECONDS = 5.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Patience:
    """How long the end waits, in seconds.

    Attributes:
        moving: in all
        still: for something to be sent
        interrupted: the same after Ctrl-C or a failure
    """

    moving: float = 120.0
    still: float = 15.0
    interrupted: float = 3.0


def settle(store: AskedStore, moving: float, still: float, refused: bool = False) -> int:
    """Send everything, that of dead processes included; the number of journals that were sent.

    Args:
        moving: seconds in all
        still: seconds without anything sent
        refused: also what the store has refused before

    Raises:
        NotRecorded: where something is left.
    """
    sender = store.sender
    sender.adopt(refused)
    sender.insist()
    asked = len(sender.left)
    with suppress(KeyboardInterrupt):  # whoever does not want to wait is told what to type
        _wait(store, moving, still)
    store.recording = False
    if sender.left or sender.refused:
        raise NotRecorded(_unsent(store))
    sender.stop()
    store.folder.tidy()
    return asked


def _wait(store: AskedStore, moving: float, still: float) -> None:
    sender = store.sender
    began = time.monotonic()
    said = began if not sender.down else began - SAY_SECONDS
    while left := sender.left:
        now = time.monotonic()
        remaining = min(began + moving, max(began, sender.progress_at) + still) - now
        if remaining <= 0:
            return
        if now - said >= SAY_SECONDS:
            said = now
            why = " which does not answer" if sender.down else ""
            runs = f"{len(left)} journal{'' if len(left) == 1 else 's'}"
            sender.say(f"warning: {runs} still to be sent to {store.uri}{why}: trying for {remaining:.0f} s more")
        sender.pause(LOOK_SECONDS)


def _unsent(store: AskedStore) -> str:
    """What is left, why, and the line to type."""
    sender = store.sender
    left = [*sender.left, *sender.refused]
    refused = next((journal.progress.refused for journal in left if journal.progress.refused), "")
    why = sender.down or refused or "there was not enough time"
    address = "" if os.environ.get(URI_VARIABLE) == store.uri.text else f" --tracking-uri {store.uri}"
    return (
        f"not yet recorded in {store.uri}: {len(left)} journal{'' if len(left) == 1 else 's'} in {store.folder.place} "
        f"({why[:200]}); nothing is lost; when the store answers: harness sync{address}{paths.flag()}"
    )
