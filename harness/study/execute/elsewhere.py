"""A Dask cluster elsewhere: a scheduler that runs already, or jobs of a queueing system that a file describes."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.errors import BadInput, Unavailable, one_line
from harness.runs.context import Context
from harness.study.execute.crew import Crew
from harness.study.execute.own_machine import check_installed
from harness.study.execute.queue_file import read_queue
from harness.study.execute.queued_jobs import QueuedJobs, check_jobs, started_jobs
from harness.study.execute.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
WAIT_SECONDS = 3600
SCHEMES = ("tcp://", "tls://", "ws://", "wss://")


def elsewhere(where: "str | Client", context: Context, parent: str, *, fresh: bool = False) -> Workers:
    """The workers of a cluster, which share no disk with this process.

    Every run has as many threads as the worker that has fewest, unless its spec says how many.

    Args:
        where: as for :func:`reached`, or a client of anybody's, which stays open
        context, parent, fresh: as for :class:`Workers`

    Raises:
        BadInput, Unavailable: as :func:`reached` does, and for a store that other machines cannot record to.
    """
    _ = context.address.elsewhere
    with ExitStack() as stack:
        client = stack.enter_context(reached(where)) if isinstance(where, str) else where
        jobs = QueuedJobs(client.cluster) if is_file(where) else None
        crew = Crew(client, jobs=jobs)
        if not client.nthreads():
            context.observer.say("waiting for workers")
        crew.first(WAIT_SECONDS if jobs is None else inf)  # a queue takes as long as it takes
        threads = min(client.nthreads().values())
        close = stack.pop_all().close
        return Workers(context, parent, client, threads=threads, fresh=fresh, crew=crew, lend=True, then=close)


def check_cluster(where: "str | Client", context: Context) -> None:
    """Look for what is wrong with ``where`` before anything is recorded or asked for.

    Raises:
        BadInput, Unavailable: as :func:`elsewhere` does, but for who answers at an address.
    """
    _ = context.address.elsewhere
    check_installed()
    if isinstance(where, str) and not where.startswith(SCHEMES):
        if not is_file(where):
            raise _neither(where)
        check_jobs(read_queue(Path(where)), where)


def is_file(where: "str | Client") -> bool:
    """Whether it is a file that describes jobs."""
    return isinstance(where, str) and where.endswith(".toml")


@contextmanager
def reached(where: str) -> Iterator["Client"]:
    """A client of the cluster that ``where`` names: an address, or a file that describes jobs.

    Raises:
        BadInput: where it names none, or the file is not what it must be.
        Unavailable: where nobody answers, or what is needed is not installed.
    """
    from distributed import Client

    check_installed()
    with ExitStack() as stack:
        if where.startswith(SCHEMES):
            target, name = where, where
        elif is_file(where):
            target, name = stack.enter_context(started_jobs(read_queue(Path(where)))), f"the scheduler of {where}"
        else:
            raise _neither(where)
        try:
            client = stack.enter_context(Client(target, timeout=CONNECT_SECONDS, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise Unavailable(
                f"--cluster: {name} does not answer within {CONNECT_SECONDS} s: {one_line(error)}"
            ) from error
        yield client


def _neither(where: str) -> BadInput:
    return BadInput(f"--cluster {where}: an address such as tcp://HOST:8786 is needed, or a .toml file of jobs")
