"""Several processes of this machine, as a Dask cluster that is reached by nobody else."""

import tempfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.environment_variables import left_as_they_are
from harness.base.errors import BadInput, HarnessError, Unavailable, one_line
from harness.runs.context import Context
from harness.study.execute.at_work import own_process_setup
from harness.study.execute.crew import Crew
from harness.study.execute.dask_private import KeptLog, leave_scripts_alone
from harness.study.execute.threads import threads_each
from harness.study.execute.workers import Workers

if TYPE_CHECKING:
    from distributed import Client

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
MISSING = 'runs in processes of their own need Dask: pip install "bifair-harness[cluster]"'


def check_installed() -> None:
    """Raise Unavailable without Dask, or without what encrypts its connections."""
    if not all(map(find_spec, ("distributed", "cryptography"))):
        raise Unavailable(MISSING)


def own_machine(context: Context, parent: str, *, jobs: int = 1, fresh: bool = False) -> Workers:
    """Workers on this machine, kept from one call of :meth:`Workers.run` to the next; they end with this process.

    Every run has :func:`threads_each` unless its spec says how many. The number of threads is part of what a finished
    run is known by, so runs are found again under the same ``jobs``.

    Args:
        context, parent, fresh: as for :class:`Workers`
        jobs: processes at once

    Raises:
        BadInput: for fewer than one job, or a tracker that other processes cannot record to.
        Unavailable: without Dask.
    """
    if jobs < 1:
        raise BadInput(f"jobs={jobs}: at least 1 process is needed")
    check_installed()
    _ = context.address  # a store that they cannot write to is refused before they are started
    threads = threads_each(jobs)
    with ExitStack() as stack:
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-", ignore_cleanup_errors=True)))
        said = KeptLog().said
        client = _started(stack, jobs, threads, log)
        crew = Crew(client, lambda: list(said), log)
        return Workers(context, parent, client, threads=threads, fresh=fresh, crew=crew, then=stack.pop_all().close)


def _started(stack: ExitStack, jobs: int, threads: int | None, log: Path) -> "Client":
    """A cluster of processes that talk over encrypted connections of this machine alone."""
    import dask
    from distributed import Client, LocalCluster

    stack.enter_context(left_as_they_are("DASK_", "__DASK_", "PYTHONHASHSEED"))  # set for workers
    leave_scripts_alone()
    # A worker's process that begins anew is given up after seconds, if another one does at the wrong moment.
    stack.enter_context(dask.config.set({"distributed.deploy.lost-worker-timeout": "1 week"}))
    own = {} if threads is None else dict.fromkeys(THREAD_VARIABLES, str(threads))
    options = {
        # Its own default is one thread for whatever it starts, also where nobody has asked for that.
        "distributed.nanny.pre-spawn-environ": {"DASK_LOGGING__DISTRIBUTED": "critical"},
        "distributed.scheduler.allowed-failures": 0,
        # What nobody looks at here takes time from the runs.
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.scheduler.work-stealing": False,
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    try:
        with dask.config.set(options):
            cluster = LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                security=True,
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                memory_limit=0,
                local_directory=str(log / "dask"),
                silence_logs=False,
                env=own,
            )
            stack.enter_context(cluster)
            client = stack.enter_context(Client(cluster, set_as_default=False))
            client.register_plugin(own_process_setup(str(log)))
            client.wait_for_workers(jobs, timeout=120)
    except (OSError, RuntimeError, TimeoutError) as error:
        raise HarnessError(f"{jobs} processes could not be started: {one_line(error)}") from error
    return client
