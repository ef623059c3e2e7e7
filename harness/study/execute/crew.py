"""Which workers there are, and why one has died."""

import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.base.errors import Unavailable
from harness.study.execute.dask_private import exit_codes
from harness.study.execute.queued_jobs import QueuedJobs
from harness.study.execute.who import check_alike, who

if TYPE_CHECKING:
    from distributed import Client


PAUSE_SECONDS = 2.0
"""How long is waited for a worker before it is looked what has become of them."""
WAIT_SECONDS = 3.0
"""How long after the scheduler whoever watches a worker may learn of its end."""


class Death(NamedTuple):
    """Why a worker has died, and whether its own code may have ended it: nobody has killed it."""

    reason: str
    by_itself: bool = False


class Crew:
    """The workers of a cluster. Their ends are found in the log of those who watch them, by the ids of processes.

    Args:
        client: of the cluster
        said: asks what nannies have said
        log: a folder with what each process of this machine has written to standard error, by its id
        jobs: of a queueing system, which the workers are in
    """

    def __init__(
        self,
        client: "Client",
        said: Callable[[], Iterable[str]] | None = None,
        log: Path | None = None,
        jobs: QueuedJobs | None = None,
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._said = said or partial(_remote, client)
        self._log = log
        self._processes: dict[str, int] = {}

    def addresses(self) -> list[str]:
        """Those of the workers that are there and answer, in a fixed order.

        Raises:
            BadInput: where one of them cannot make the runs that this process would make.
            Unavailable: where they are in jobs, and none comes any longer.
        """
        there = sorted(self._client.nthreads())
        if self._jobs is not None:
            self._jobs.look(len(there))
        if unknown := [address for address in there if address not in self._processes]:
            answers = self._client.run(who, workers=unknown, on_error="return")
            found = {address: answer for address, answer in answers.items() if not isinstance(answer, OSError)}
            check_alike(found)
            self._processes |= {address: int(answer["process"]) for address, answer in found.items()}
        return [address for address in there if address in self._processes]

    def first(self, seconds: float = inf) -> list[str]:
        """The addresses as soon as there is one.

        Raises:
            BadInput, Unavailable: as :meth:`addresses` does, and where none has come within so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not (there := self.addresses()):
            if time.monotonic() > deadline:
                raise Unavailable(f"no worker has come within {seconds:.0f} s")
            with suppress(TimeoutError):
                self._client.wait_for_workers(1, timeout=PAUSE_SECONDS)
        return there

    def worked(self) -> None:
        """A run has come to its end."""
        if self._jobs is not None:
            self._jobs.worked()

    def death(self, worker: str) -> Death:
        """That of the worker that had this address."""
        process, deadline = self._processes[worker], time.monotonic() + WAIT_SECONDS
        while (code := exit_codes(self._said()).get(process)) is None:
            if time.monotonic() > deadline:
                return Death("its worker is gone (cancelled, out of time or out of memory)")
            time.sleep(0.1)
        return Death(why(code, self._last_words(process)), by_itself=code >= 0)

    def _last_words(self, process: int) -> str:
        file = None if self._log is None else self._log / str(process)
        if file is None or not file.is_file():
            return ""
        lines = [line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")


def _remote(client: "Client") -> list[str]:
    return [line for log in client.get_worker_logs(nanny=True).values() for _, line in log]


def why(code: int, last_words: str = "") -> str:
    """Why a process ended, from its exit code, minus the signal that ended it, and its last line on standard error."""
    if code >= 0:
        last = f": {last_words[:300]}" if last_words else ""
        return f"its process ended with exit code {code}{last}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = " (out of memory, if nobody else killed it)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
