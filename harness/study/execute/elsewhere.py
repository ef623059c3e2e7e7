"""A Dask cluster elsewhere: a scheduler that runs already, or jobs of a queueing system that a file describes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.base.errors import BadInput, Unavailable, one_line
from harness.runs.context import Address, Context
from harness.study.execute.crew import Crew
from harness.study.execute.dask_private import keep_off_screen
from harness.study.execute.own_machine import check_installed
from harness.study.execute.queue_file import read_queue
from harness.study.execute.queued_jobs import QueuedJobs, check_jobs, started_jobs
from harness.study.execute.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
WAIT_SECONDS = 3600
SCHEMES = ("tcp://", "tls://", "ws://", "wss://")


@contextmanager
def elsewhere(
    where: "str | Client", context: Context, *, fresh: bool = False
) -> Iterator[Callable[[Context, str], Workers]]:
    """Makes :class:`Workers` of a cluster. They need not share a disk with this process, unless runs are in a file.

    Every run has as many threads as the worker that has fewest, unless its spec says how many.

    Args:
        where: as for :func:`reached`, or a client of anybody's, which stays open
        context: where runs will be recorded, and who is told of the cluster
        fresh: as for :class:`Workers`

    Raises:
        BadInput: for a store that workers cannot record to, ones that are not like this process, or cannot begin anew.
        Unavailable: as :func:`reached` does.
    """
    with reached(where) if isinstance(where, str) else nullcontext(where) as client:
        jobs = QueuedJobs(client.cluster) if is_file(where) else None
        crew = Crew(client, jobs=jobs)
        if not client.nthreads():
            context.observer.say("waiting for workers")
            if jobs is None:  # a queue takes as long as it takes
                wait_for_workers(client, WAIT_SECONDS)
        there = crew.first()
        address = address_for(crew, context)
        if fresh and (lone := crew.without_nanny()):
            raise BadInput(f"runs in fresh processes need workers with a nanny: {', '.join(lone)} have none")
        threads = min(client.nthreads().values())
        context.observer.say(_introduced(client, there, threads))

        def workers(context: Context, parent: str) -> Workers:
            return Workers(context, parent, client, threads=threads, fresh=fresh, crew=crew, address=address)

        yield workers


def _check_address(address: str) -> tuple[str, int]:
    """Host and port; BadInput where it has none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number
        host, port = None, None
    if not host or not port:
        raise BadInput(f"--cluster {address}: a host and a port are needed, as in tcp://HOST:8786")
    return host, port


def _check_reachable(address: str) -> None:
    """Raise Unavailable where nobody listens, or nothing is there to encrypt with."""
    from distributed.security import Security

    host, port = _check_address(address)
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:  # no name of a host may be too long to be encoded
        reason = getattr(error, "strerror", None) or one_line(error)
        raise Unavailable(f"--cluster {address}: nobody answers there: {reason}") from error
    if address.startswith(("tls://", "wss://")) and Security().get_connection_args("client")["ssl_context"] is None:
        raise Unavailable(
            f"--cluster {address}: certificates are needed in Dask's configuration: "
            "distributed.comm.tls, its ca-file, client.cert and client.key"
        )


def address_for(crew: Crew, context: Context) -> Address:
    """What the workers open the context by.

    Raises:
        BadInput: where they cannot record to its store.
    """
    address = context.address
    return address if crew.is_on_this_machine() and not address.has_server else address.elsewhere


def wait_for_workers(client: "Client", seconds: float) -> None:
    """Wait for the first one.

    Raises:
        Unavailable: where none comes.
    """
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        raise Unavailable(f"no worker has come within {seconds:.0f} s: look at the cluster's own logs") from None


def _introduced(client: "Client", workers: list[str], threads: int) -> str:
    """One line on a cluster."""
    several = f"{len(workers)} worker{'' if len(workers) == 1 else 's'}"
    at = f"{several} at {client.scheduler.address if client.scheduler else 'no scheduler'}"
    dashboard = f"; dashboard {client.dashboard_link}" if client.dashboard_link else ""
    return f"{at}, {threads} thread{'' if threads == 1 else 's'} a run{dashboard}"


def check_where(where: "str | Client", context: Context) -> None:
    """Look for what is wrong with ``where`` before anything is recorded or asked for.

    Raises:
        BadInput, Unavailable: as :func:`elsewhere` does, but for what can only be known of workers.
    """
    _ = context.address
    check_installed()
    if not isinstance(where, str):
        return
    if is_file(where):
        check_jobs(read_queue(Path(where)), where)
    elif where.startswith(SCHEMES):
        _check_reachable(where)
    else:
        raise _neither(where)


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
    keep_off_screen()
    with ExitStack() as stack:
        if where.startswith(SCHEMES):
            _check_reachable(where)
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
