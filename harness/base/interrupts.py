"""Requests to stop, by Ctrl-C (SIGINT), SIGTERM or a closed terminal (SIGHUP): heard once, and at a good moment.

Anywhere but in :func:`deferred` code the first one raises KeyboardInterrupt. In such code it is noted, and
:func:`check` raises where things are whole; where that takes too long it is raised all the same. What comes after the
first one is not heard for a while: it would only disturb the recording of the end.

Where nobody has called :func:`install`, in a notebook say, deferred code hears Ctrl-C alone, and only while it lasts.
"""

import atexit
import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import NoReturn

PATIENCE_SECONDS = 5.0
"""How long a good moment is waited for."""
DEAF_SECONDS = 10.0
"""How long further requests are not heard, from the moment at which the first one is acted upon."""
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class _Requests:
    """What has been asked of this process."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.waiting = False
        self._deaf_until = 0.0
        self._deferring = 0
        self._overdue = False
        self._timer: threading.Timer | None = None
        self._terminals: list[int] = []

    def install(self) -> None:
        self.forget()
        self._terminals = [descriptor for descriptor in (1, 2) if _is_terminal(descriptor)]
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and (name == "SIGINT" or signal.getsignal(number) is not signal.SIG_IGN):
                signal.signal(number, self.heard)  # under nohup SIGHUP stays ignored

    def heard(self, number: int, frame: FrameType | None) -> None:
        if self._overdue:
            self.act()
        if (self.waiting and self._deferring) or time.monotonic() < self._deaf_until:
            return
        self.waiting = True
        if self.number is None:
            self.number = number
        if number == getattr(signal, "SIGHUP", None):
            _leave(self._terminals)
        if not self._deferring:
            self.act()
        self._timer = threading.Timer(PATIENCE_SECONDS, self._insist)
        self._timer.daemon = True
        self._timer.start()

    def act(self) -> NoReturn:
        """End now."""
        self._stop_waiting()
        self.waiting = False
        self._deaf_until = time.monotonic() + DEAF_SECONDS
        raise KeyboardInterrupt

    @contextmanager
    def deferred(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():  # which is the only one that hears of requests
            yield
            return
        borrowed = self._borrow()
        self._deferring += 1
        try:
            yield
        finally:
            self._deferring -= 1
            if not self._deferring:
                self._stop_waiting()
            if borrowed:
                signal.signal(signal.SIGINT, signal.default_int_handler)
        if not self._deferring:
            self.check()

    def _borrow(self) -> bool:
        """Hear Ctrl-C where Python itself does."""
        if self._deferring or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return False
        if not self.waiting:
            self.forget()
        signal.signal(signal.SIGINT, self.heard)
        return True

    def check(self) -> None:
        if self.waiting:
            self.act()

    def forget(self) -> None:
        self.number, self.waiting, self._deaf_until = None, False, 0.0

    def _stop_waiting(self) -> None:
        self._overdue = False
        if self._timer is not None:
            self._timer.cancel()

    def _insist(self) -> None:
        self._overdue = True
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            signal.raise_signal(signal.SIGINT)


_requests = _Requests()


def install() -> None:
    """Hear requests to stop in this process from now on; for its main thread."""
    _requests.install()


def deferred() -> AbstractContextManager[None]:
    """Code that calls :func:`check` wherever it can be left; at its end it is left where that has been asked for."""
    return _requests.deferred()


@contextmanager
def unbroken() -> Iterator[None]:
    """Code that is gone through to its end: a database would stay locked by what is left of a half-made write.

    Where that takes too long it is left all the same, and what it held is let go.
    """
    with deferred():
        try:
            yield
        except KeyboardInterrupt as error:
            traceback.clear_frames(error.__traceback__)
            raise


def request() -> None:
    """Ask this process to stop where its work is whole, as a signal would; for any thread."""
    _requests.waiting = True


def forget() -> None:
    """What was asked for has been done: the process may begin something else."""
    _requests.forget()


def requested() -> bool:
    """Whether an end has been asked for and not been acted upon."""
    return _requests.waiting


def check() -> None:
    """Act upon a request to stop.

    Raises:
        KeyboardInterrupt: where there is one.
    """
    _requests.check()


def exit_code() -> int:
    """That of a process which ends because it was asked to: 130 by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP."""
    return 128 + (_requests.number or signal.SIGINT)


@atexit.register
def _ignore() -> None:
    """The interpreter's end gives signals back to the system: a late one would take the exit code's place."""
    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == _requests.heard:
            signal.signal(number, signal.SIG_IGN)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _leave(terminals: list[int]) -> None:
    """The terminal is gone: what is written to it from now on goes nowhere, instead of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in terminals:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
