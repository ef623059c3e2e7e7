"""A Dask cluster elsewhere: a scheduler that runs already, or jobs of a queueing system that a file describes."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError

from harness.base import paths
from harness.base.errors import BadInput, Unavailable, one_line
from harness.base.frozen import Frozen
from harness.base.trees import read_tree
from harness.base.validation_message import bad_input
from harness.runs.context import Address, Context
from harness.study.execute.crew import Crew
from harness.study.execute.dask_private import keep_off_screen
from harness.study.execute.own_machine import check_installed
from harness.study.execute.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
WAIT_SECONDS = 3600
SCHEMES = ("tcp://", "tls://", "ws://", "wss://")
Kind = Literal["slurm", "pbs", "sge", "lsf", "oar", "htcondor"]
CLASSES: dict[str, str] = {kind: f"{kind.upper()}Cluster" for kind in get_args(Kind)} | {"htcondor": "HTCondorCluster"}


class Queue(Frozen):
    """A file that describes the jobs of a queueing system, each of which is one worker."""

    kind: Kind
    workers: Annotated[int, Field(ge=1, le=10_000, description="jobs")]
    cores: Annotated[int, Field(ge=1, description="of each job: the threads of a run")] = 1
    memory: Annotated[str, Field(description="of each job, as in 4GB")] = "4GB"
    walltime: Annotated[str | None, Field(description="of each job, as the system writes it")] = None
    queue: Annotated[str | None, Field(description="or partition")] = None
    account: Annotated[str | None, Field(description="or project")] = None
    interface: Annotated[str | None, Field(description="network interface of the nodes, such as ib0")] = None
    directives: Annotated[tuple[str, ...], Field(description="further lines of the job's header")] = ()
    leave_out: Annotated[tuple[str, ...], Field(description="lines of the header that the system refuses")] = ()
    before: Annotated[tuple[str, ...], Field(description="lines of shell before the worker begins")] = ()
    python: Annotated[str, Field(description="on the nodes, with the same packages")] = sys.executable
    logs: Annotated[str | None, Field(description="folder for what jobs write")] = None
    encrypted: Annotated[bool, Field(description="needs a folder that the nodes share: the home folder")] = True


def elsewhere(where: "str | Client", context: Context, parent: str, *, fresh: bool = False) -> Workers:
    """The workers of a cluster. They need not share a disk with this process, unless runs are recorded in a file.

    Every run has as many threads as the worker that has fewest, unless its spec says how many.

    Args:
        where: as for :func:`reached`, or a client of anybody's, which stays open
        context, parent, fresh: as for :class:`Workers`

    Raises:
        BadInput: for a store that workers cannot record to, ones that are not like this process, or cannot begin anew.
        Unavailable: as :func:`reached` does.
    """
    with ExitStack() as stack:
        client = stack.enter_context(reached(where)) if isinstance(where, str) else where
        if not client.nthreads():
            context.observer.say("waiting for workers")
            wait_for_workers(client, WAIT_SECONDS)
        crew = Crew(client)
        there = crew.addresses()
        address = address_for(crew, context)
        if fresh and (lone := crew.without_nanny()):
            raise BadInput(f"runs in fresh processes need workers with a nanny: {', '.join(lone)} have none")
        threads = min(client.nthreads().values())
        context.observer.say(_introduced(client, there, threads))
        close = stack.pop_all().close
        return Workers(context, parent, client, threads=threads, fresh=fresh, crew=crew, address=address, then=close)


def _check_certificates(address: str) -> None:
    """Raise Unavailable where encryption is asked for, and this process has nothing to encrypt with."""
    from distributed.security import Security

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


@contextmanager
def reached(where: str) -> Iterator["Client"]:
    """A client of the cluster that ``where`` names: an address, or a file that is a :class:`Queue`.

    Raises:
        BadInput: where it names none, or the file is not what it must be.
        Unavailable: where nobody answers, or what is needed is not installed.
    """
    from distributed import Client

    check_installed()
    keep_off_screen()
    with ExitStack() as stack:
        if where.startswith(SCHEMES):
            target, name = where, where
        elif where.endswith(".toml"):
            target, name = stack.enter_context(_jobs(read_queue(Path(where)))), f"the scheduler of {where}"
        else:
            raise BadInput(f"--cluster {where}: an address such as tcp://HOST:8786 is needed, or a .toml file of jobs")
        if target == where:
            _check_certificates(where)
        try:
            client = stack.enter_context(Client(target, timeout=CONNECT_SECONDS, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise Unavailable(
                f"--cluster: {name} does not answer within {CONNECT_SECONDS} s: {one_line(error)}"
            ) from error
        yield client


def read_queue(file: Path) -> Queue:
    """The file's content.

    Raises:
        BadInput: where it cannot be read, or a key of it is wrong.
    """
    tree = read_tree(paths.expanded(file, "--cluster"), "--cluster")
    try:
        return Queue.model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"--cluster {file}: {bad_input(error, Queue)}") from None


@contextmanager
def _jobs(queue: Queue) -> Iterator[Any]:
    """The queueing system is asked for all of the file's jobs, which are cancelled in the end."""
    try:
        import dask_jobqueue
    except ImportError:
        raise Unavailable('jobs of a queueing system need pip install "bifair-harness[cluster]"') from None
    shared = paths.home() / "cluster"
    shared.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {
        "cores": queue.cores,
        "processes": 1,
        "memory": queue.memory,
        "walltime": queue.walltime,
        "queue": queue.queue,
        "account": queue.account,
        "interface": queue.interface,
        "job_extra_directives": list(queue.directives),
        "job_directives_skip": list(queue.leave_out),
        "job_script_prologue": ["export PYTHONSAFEPATH=1", *queue.before],
        "python": queue.python,
        "log_directory": queue.logs,
        "local_directory": os.environ.get("TMPDIR", "/tmp"),
        "scheduler_options": {"dashboard_address": None, "allowed_failures": 0},
    }
    if queue.encrypted:
        options |= {"protocol": "tls://", "security": True, "shared_temp_directory": str(shared)}
    given = {name: value for name, value in options.items() if value is not None}
    try:
        with getattr(dask_jobqueue, CLASSES[queue.kind])(**given) as cluster:
            cluster.scale(jobs=queue.workers)
            yield cluster
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"{queue.kind} does not take the jobs: {one_line(error)}") from error
