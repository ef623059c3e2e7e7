"""Which workers there are, and why one has died."""

import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.base.errors import BadInput
from harness.base.process import BOOT, HOST, PROCESS, SPACE, this_process
from harness.study.execute.dask_private import exit_codes
from harness.study.execute.queued_jobs import QueuedJobs
from harness.study.execute.who import DEVICES, NANNY, check_alike, who

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
        said: asks what nannies have said; None: each is asked what became of its own process
        log: a folder with what each process of this machine has written to standard error, by its id
        jobs: of a queueing system, which the workers are in
        known: workers that have been asked already who they are
    """

    def __init__(
        self,
        client: "Client",
        said: Callable[[], Iterable[str]] | None = None,
        log: Path | None = None,
        jobs: QueuedJobs | None = None,
        known: Mapping[str, dict[str, str]] | None = None,
    ) -> None:
        self._client = client
        self._jobs = jobs
        self._said = said
        self._log = log
        self._known = dict(known or {})
        self._left: dict[str, float] = {}

    def addresses(self) -> list[str]:
        """Those of the workers that are there and answer, in a fixed order.

        Raises:
            BadInput: where one of them cannot make the runs that this process would make.
            Unavailable: where they are in jobs, and none comes any longer.
        """
        there = sorted(self._client.nthreads())
        self._left = {address: time.monotonic() for address in self._known.keys() - set(there)} | self._left
        if self._jobs is not None:
            self._jobs.look(len(there))
        if unknown := [address for address in there if address not in self._known]:
            answers = self._client.run(who, workers=unknown, on_error="return")
            found = {address: answer for address, answer in answers.items() if not isinstance(answer, OSError)}
            check_alike(found)
            self._known |= found
        return [address for address in there if address in self._known]

    def device_for(self, asked: str) -> str:
        """The device of a run: ``auto`` is the first accelerator that a worker has, else the processor.

        Raises:
            BadInput: where no worker has it.
        """
        if not self._known:
            self.addresses()
        there = set().union(*(answer[DEVICES].split() for answer in self._known.values()))
        if asked == "auto":
            return "cuda" if "cuda" in there else "cpu"
        if asked not in there:
            raise BadInput(f"compute.device={asked}: no worker has one; there are {', '.join(sorted(there))}")
        return asked

    def has(self, worker: str, device: str) -> bool:
        """Whether a worker can compute on a device."""
        return device in self._known[worker][DEVICES].split()

    def is_on_this_machine(self) -> bool:
        """Whether all of them, as far as they are known, are processes that see what this one sees."""
        own = this_process()
        return all(answer.get(key) == own.get(key) for answer in self._known.values() for key in (HOST, BOOT, SPACE))

    def without_nanny(self) -> list[str]:
        """Those that nobody would start again."""
        workers = self._client.scheduler_info()["workers"]
        return sorted(address for address, about in workers.items() if not about.get("nanny"))

    def first(self) -> list[str]:
        """The addresses as soon as there is one.

        Raises:
            BadInput, Unavailable: as :meth:`addresses` does.
        """
        while not (there := self.addresses()):
            with suppress(TimeoutError):
                self._client.wait_for_workers(1, timeout=PAUSE_SECONDS)
        return there

    def worked(self) -> None:
        """A run has come to its end."""
        if self._jobs is not None:
            self._jobs.worked()

    def death(self, worker: str) -> Death:
        """That of the worker that had this address."""
        process, deadline = int(self._known[worker][PROCESS]), self._left.get(worker, time.monotonic()) + WAIT_SECONDS
        while (code := exit_codes(self._said_of(worker)).get(process)) is None:
            if time.monotonic() > deadline:
                return Death("its worker is gone (cancelled, out of time or out of memory)")
            time.sleep(0.1)
        return Death(why(code, self._last_words(process)), by_itself=code >= 0)

    def _said_of(self, worker: str) -> Iterable[str]:
        """What is known from who watches a worker. Of others some may be gone as well: they are not asked."""
        if self._said is not None:
            return self._said()
        same = [there for there in self.addresses() if self._nanny(there) == self._nanny(worker)]
        try:
            logs = self._client.get_worker_logs(workers=same, nanny=True) if same else {}
        except OSError:
            return []
        return [line for log in logs.values() for _, line in log]

    def _nanny(self, worker: str) -> list[str | None]:
        return [self._known[worker].get(key) for key in (HOST, BOOT, SPACE, NANNY)]

    def _last_words(self, process: int) -> str:
        file = None if self._log is None else self._log / str(process)
        if file is None or not file.is_file():
            return ""
        lines = [line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")


def why(code: int, last_words: str = "") -> str:
    """Why a process ended, from its exit code, minus the signal that ended it, and its last line on standard error."""
    if code >= 0:
        last = f": {last_words[:300]}" if last_words else ""
        return f"its process ended with exit code {code}{last}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = " (out of memory, if nobody else killed it)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
