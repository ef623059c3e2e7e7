"""Jobs of a queueing system, each of which is one worker: asked for, replaced where they end too early, cancelled."""

import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.base import paths
from harness.base.errors import BadInput, Unavailable
from harness.base.sharing import make_folder
from harness.study.execute.dask_private import remove_keys
from harness.study.execute.queue_file import Queue

ACCOUNT = {"slurm": "account", "pbs": "account"}
"""What Dask calls an account; elsewhere a project."""
TRY: dict[str, tuple[str, ...]] = {"slurm": ("sbatch", "--test-only")}
"""What says of a job's script whether it would be taken, where a system has such a thing."""
LIST: dict[str, tuple[str, ...]] = {"slurm": ("squeue", "--noheader", "--me", "--format=%A")}
"""What lists the numbers of jobs that have not ended; elsewhere only workers that have come are known to be gone."""
ANSWER_SECONDS = 60.0
"""How long the system may take to answer."""
LOOK_SECONDS = (2.0, 60.0)
"""How long after a look the next one comes: at first, and at most: the system is not to be pestered."""
FIRST_ROUNDS, ROUNDS = 2, 10
"""How often every job may end before a run has come to its end: as long as no worker has ever come, and later.

More than a run's attempts: jobs that end with a run in hand are that run's matter.
"""


def check_jobs(queue: Queue, where: str) -> None:
    """Look whether jobs like these could be asked for.

    Args:
        where: the file's name, for messages

    Raises:
        BadInput: where Dask or the system refuses the job's description, in their words.
        Unavailable: where what asks for jobs is not installed.
    """
    kind = _kind(queue)
    command = kind.job_cls.submit_command
    if shutil.which(command) is None:
        raise Unavailable(f"--cluster {where}: there is no {command} on this machine, which asks {queue.kind} for jobs")
    if queue.encrypted and shlex.quote(str(_shared())) != str(_shared()):
        raise BadInput(
            f"--cluster {where}: Dask writes {_shared()} into scripts without quotes: choose another --home, or set "
            "encrypted = false"
        )
    from distributed.utils import get_ip_interface

    try:
        if queue.interface is not None:
            get_ip_interface(queue.interface)
        described = _of_job(queue) | {"log_directory": None}  # it would be made
        with kind.job_cls(scheduler="tcp://127.0.0.1:0", name="trial", **described).job_file() as script:
            if queue.kind in TRY:
                _ask((*TRY[queue.kind], script))
    except (ValueError, subprocess.CalledProcessError) as error:
        raise BadInput(f"--cluster {where}: {_words(error)}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"--cluster {where}: {_words(error)}") from error


@contextmanager
def started_jobs(queue: Queue) -> Iterator[Any]:
    """Dask's cluster of all of the file's jobs, which are cancelled in the end.

    Raises:
        Unavailable: where the system does not take them.
    """
    options: dict[str, Any] = {
        # Dask's pages ask for no password: they are for this machine alone.
        "scheduler_options": {"dashboard_address": "127.0.0.1:0", "allowed_failures": 0}
    }
    if queue.encrypted:
        make_folder(_shared())
        options |= {"protocol": "tls://", "security": True, "shared_temp_directory": str(_shared())}
    try:
        cluster = _kind(queue)(**_of_job(queue), **options)
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"{queue.kind}: the scheduler of its jobs does not start: {_words(error)}") from error
    try:
        with cluster:
            try:
                cluster.sync(_replaced, cluster, frozenset(), queue.workers)
            except (OSError, RuntimeError, ValueError) as error:
                raise Unavailable(f"{queue.kind} does not take the jobs: {_words(error)}") from error
            yield cluster
    finally:
        remove_keys(cluster)


class QueuedJobs:
    """Jobs that are replaced where they end before the study does: cancelled, out of time, on a broken node.

    Args:
        cluster: of :func:`started_jobs`
    """

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._kind: str = cluster.job_cls.config_name
        self._workers = len(cluster.worker_spec)
        self._pause, self._next = LOOK_SECONDS[0], 0.0
        self._there = 0
        self._came = False
        self._lost = 0
        self._words = ""

    def look(self, there: int) -> None:
        """Replace those that have ended.

        Args:
            there: how many workers there are

        Raises:
            Unavailable: where none is left, and too many have ended one after the other.
        """
        self._came |= there > 0
        if there < self._there:
            self._pause, self._next = LOOK_SECONDS[0], 0.0
        self._there = there
        if there >= self._workers or time.monotonic() < self._next:
            return
        gone = self._gone()
        left = len(self._cluster.workers.keys() - gone)
        self._lost += len(gone)
        allowed = (ROUNDS if self._came else FIRST_ROUNDS) * self._workers
        wanted = max(left, min(self._workers, allowed - self._lost))
        if not wanted:
            raise Unavailable(f"{self._lost} jobs have ended, one after the other, with no run done{self._words}")
        replaced = (gone or left < wanted) and self._replace(gone, wanted)
        self._pause = LOOK_SECONDS[0] if replaced else min(2 * self._pause, LOOK_SECONDS[1])
        self._next = time.monotonic() + self._pause

    def worked(self) -> None:
        """A run has come to its end."""
        self._lost = 0

    def _gone(self) -> frozenset[str]:
        """Names of the jobs that have ended, or that the system has not taken."""
        jobs = dict(self._cluster.workers)
        gone = self._cluster.worker_spec.keys() - jobs.keys()  # Dask has waited in vain for their workers to come back
        going_on = _listed(self._kind)
        for name, job in jobs.items():
            if job.job_id is None:
                gone.add(name)
            elif going_on is not None and job.job_id not in going_on:
                gone.add(name)
                self._words = f"; what they have written is in {job.log_directory}" if job.log_directory else ""
        return frozenset(gone)

    def _replace(self, gone: frozenset[str], wanted: int) -> bool:
        """Whether the system has taken the jobs."""
        try:
            self._cluster.sync(_replaced, self._cluster, gone, wanted)
        except (OSError, RuntimeError, ValueError) as error:  # it is tried again, like a job that has ended
            self._words = f": {_words(error)}"
            return False
        return True


async def _replaced(cluster: Any, gone: frozenset[str], wanted: int) -> None:
    """Ask for jobs until there are so many, without those that are gone; names are not given twice."""
    from distributed import Status

    while len(cluster.worker_spec) - len(gone) < wanted:
        cluster.worker_spec.update(cluster.new_worker_spec())
    for name in gone:
        cluster.worker_spec.pop(name, None)
    try:
        await cluster
    except Exception:
        for job in cluster.workers.values():
            if job.job_id is None:  # else Dask cannot close the cluster
                job.status = Status.failed
        raise


def _kind(queue: Queue) -> Any:
    """Dask's class for clusters of the queueing system."""
    try:
        import dask_jobqueue
    except ImportError:
        raise Unavailable('jobs of a queueing system need pip install "bifair-harness[cluster]"') from None
    return getattr(dask_jobqueue, f"{queue.kind.upper()}Cluster")


def _of_job(queue: Queue) -> dict[str, Any]:
    """How Dask is told of a job."""
    logs = queue.logs or (str(_shared() / "logs") if queue.encrypted else None)
    options: dict[str, Any] = {
        "job_name": "harness",
        "cores": queue.cores,
        "processes": 1,
        "memory": queue.memory,
        "walltime": queue.walltime,
        "queue": queue.queue,
        ACCOUNT.get(queue.kind, "project"): queue.account,
        "interface": queue.interface,
        "job_extra_directives": list(queue.directives),
        "job_directives_skip": list(queue.leave_out),
        "job_script_prologue": ["export PYTHONSAFEPATH=1", *queue.before],
        "python": shlex.quote(queue.python),
        "log_directory": logs,
        "local_directory": "${TMPDIR:-/tmp}",  # of the node
    }
    return {name: value for name, value in options.items() if value is not None}


def _shared() -> Path:
    """The folder that the nodes must see as well."""
    return paths.home() / "cluster"


def _listed(kind: str) -> set[str] | None:
    """Numbers of the jobs that wait or go on; None where the system does not say."""
    try:
        return set(_ask(LIST[kind]).split()) if kind in LIST else None
    except (OSError, subprocess.SubprocessError):  # they may well be there
        return None


def _ask(command: tuple[str, ...]) -> str:
    """What a command of the queueing system answers."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True)
    return done.stdout


def _words(error: Exception) -> str:
    """The words of whatever has refused, in one line."""
    text = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return " ".join(text.rpartition("\nstderr:\n")[2].split())
