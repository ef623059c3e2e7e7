"""The one thread of a process that sends journals to the store, and what is known of whether the store answers."""

import threading
import time
from collections.abc import Callable

from harness.base.errors import HarnessError, one_line
from harness.base.full_disk import disk_full
from harness.base.messages import Say, silent
from harness.track.journal.journal_file import END, TAGS, Journal, closed
from harness.track.journal.replay import NotYet, Refused, Replay
from harness.track.protocol import FAILURE_TAG

ROUND_SECONDS = 2.0
"""Metrics are sent this often at most; beginnings and ends at once."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 8.0
"""Between tries while the store does not answer."""
ADOPT_SECONDS = 10.0
"""Processes of a study end before the study does: what they have not sent is taken over this often."""
CUT_OFF = "its process ended without recording the end"


class Sender:
    """Sends what this process writes, in order.

    Args:
        replay: writes a journal into the store
        location: the store, for people
        probe: asks the store anything
    """

    def __init__(self, replay: Replay, location: str, probe: Callable[[], object]) -> None:
        self.say: Say = silent
        self._replay = replay
        self._location = location
        self._probe = probe
        self._own: list[Journal] = []
        self._refused: list[Journal] = []
        self._adopted_at = time.monotonic()
        self._down = ""
        self._pause = ROUND_SECONDS
        self._state = threading.Condition()
        self._urgent = False
        self._insisted = False
        self._stopped = True
        self.progress_at = time.monotonic()

    @property
    def down(self) -> str:
        """Why the store cannot be used at the moment; empty where it can, as far as is known."""
        return self._down

    @property
    def left(self) -> list[Journal]:
        """What this process has to send."""
        with self._state:
            return list(self._own)

    def add(self, journal: Journal) -> None:
        """Send a journal, which this process owns, from now on."""
        with self._state:
            if journal not in self._own:
                self._own.append(journal)
                self._own.sort(key=lambda own: own.folder.name)
            if self._stopped:
                self._stopped = False
                threading.Thread(target=self._work, name="tracking", daemon=True).start()
        self.hurry()

    def hurry(self) -> None:
        """Send now."""
        with self._state:
            self._urgent = True
            self._state.notify_all()

    def insist(self) -> None:
        """Send now, although the store may not have answered the last time: the pause before the next try is long."""
        with self._state:
            self._insisted, self._pause = True, FIRST_PAUSE_SECONDS
            self._state.notify_all()

    @property
    def refused(self) -> list[Journal]:
        """What this process has set aside because the store will never take it."""
        return list(self._refused)

    def adopt(self, refused: bool = False) -> None:
        """Send also what dead processes have left; a run that they did not end is one that was killed.

        Args:
            refused: those too that the store has refused before
        """
        self._adopted_at = time.monotonic()
        for journal in self._replay.folder.waiting():
            if journal.progress.refused and not refused:
                continue
            if not journal.owned and journal.adopt():
                if journal.progress.done:  # its owner has just sent it
                    journal.let_go()
                    continue
                if not closed(journal.entries()):
                    journal.append(TAGS, {FAILURE_TAG: CUT_OFF})
                    journal.append(END, {"status": "KILLED", "at": time.time_ns() // 1_000_000})
                self.add(journal)

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``condition`` holds, which is asked whenever something was sent, or the store does not answer."""
        deadline = time.monotonic() + seconds
        with self._state:
            while not condition():
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._down:
                    return False
                self._state.wait(min(remaining, 0.5))
        return True

    def pause(self, seconds: float) -> None:
        """Wait for so long, or until something has been sent."""
        with self._state:
            self._state.wait(seconds)

    def note(self, error: BaseException | None) -> None:
        """The store has answered, or has not; people hear of every change once."""
        with self._state:
            before, self._down = self._down, "" if error is None else one_line(disk_full(error) or error)
            if error is None:
                self._pause = ROUND_SECONDS
                self.progress_at = time.monotonic()
            else:
                self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS) if before else FIRST_PAUSE_SECONDS
            self._state.notify_all()
        if error is not None and not before:
            self.say_down()
        elif error is None and before:
            self.say(f"warning: {self._location} answers again")

    def say_down(self) -> None:
        """The line on a store that cannot be used."""
        kept = f"what is recorded is kept in {self._replay.folder.place} and sent when it does"
        self.say(f"warning: {self._location} does not answer: {kept} ({self._down})")

    def stop(self) -> None:
        """Send no longer."""
        with self._state:
            self._stopped = True
            self._state.notify_all()

    def _work(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(self._wanted, self._pause)
                self._urgent = self._insisted = False
                if self._stopped:
                    return
            try:
                if time.monotonic() - self._adopted_at >= ADOPT_SECONDS:
                    self.adopt()
                self._round()
            except (HarnessError, OSError) as error:  # a journal that cannot be written, for want of room say
                self.note(error)

    def _wanted(self) -> bool:
        """Whether the thread is not to wait any longer."""
        return self._stopped or self._insisted or (self._urgent and not self._down)

    def _round(self) -> None:
        """Each journal once, until the store does not answer."""
        before = self.progress_at
        for journal in self.left:
            try:
                self._replay.send(journal, self._sent)
            except NotYet:
                continue
            except Refused as error:
                self._set_aside(journal, error)
                continue
            except Exception as error:  # noqa: BLE001 - MLflow lets other libraries' errors out
                self.note(error)
                return
            with self._state:
                if journal.progress.done:
                    self._own.remove(journal)
                self._state.notify_all()
        if self._down and self.progress_at == before:
            try:
                self._probe()
            except Exception as error:  # noqa: BLE001 - as above
                self.note(error)
                return
        if self._down:
            self.note(None)

    def _sent(self) -> None:
        self.progress_at = time.monotonic()
        if self._down:
            self.note(None)

    def _set_aside(self, journal: Journal, error: HarnessError) -> None:
        """It stays as it is, and others go on."""
        journal.keep(refused=one_line(error))
        with self._state:
            self._own.remove(journal)
            self._refused.append(journal)
            self._state.notify_all()
        journal.let_go()
        self.say(f"warning: {self._location} does not take {journal.folder}: {one_line(error)}")
