"""A real SLURM on this machine: its controller, one node of two CPUs, and what they know each other by."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.track.mlflow_store import open_client
from harness.track.uri import resolve_uri
from tests.mlflow_server import MlflowServer

START_SECONDS = 120
END_SECONDS = 60
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "squeue", "srun", "setpriv")
CONFIGURATION = """
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=2
OverTimeLimit=0
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=64000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


class Slurm:
    """A controller and a node, as processes that end with this one; all their files are in one folder.

    Args:
        folder: a short and empty one
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self._environment = os.environ | {"SLURM_CONF": str(self.configuration)}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all, and wait until a job has been carried out."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)
        host, ports = socket.gethostname().partition(".")[0], _free_ports(2)
        self.configuration.write_text(CONFIGURATION.format(host=host, ports=ports, folder=self.folder))
        files = {
            "socket": "munge.socket",
            "pid-file": "munged.pid",
            "log-file": "munged.log",
            "seed-file": "munged.seed",
        }
        places = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self._begin("munged", "--foreground", "--force", f"--key-file={key}", *places)
        for name in ("slurmctld", "slurmd"):
            self._begin(name, "-D", "-f", str(self.configuration))
        deadline = time.monotonic() + START_SECONDS
        while self._asked("srun", "--immediate=10", "-n1", "hostname", check=False).strip() != host:
            assert all(process.poll() is None for process in self._running), self._log()
            assert time.monotonic() < deadline, self._log()
            time.sleep(0.2)

    def stop(self) -> None:
        """End all, jobs first."""
        try:
            self._asked("scancel", "--me", check=False)
            self.until(lambda: not self.jobs())
        finally:
            for process in reversed(self._running):
                process.terminate()
            for process in reversed(self._running):
                try:
                    process.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            self._end_what_is_left()

    def jobs(self) -> list[int]:
        """Numbers of the jobs that wait or go on."""
        return sorted(map(int, self._asked("squeue", "--noheader", "--format=%A").split()))

    def state(self, job: int) -> str:
        """In a word, also of a job that has ended a short while ago."""
        said = self._asked("scontrol", "--oneliner", "show", "job", str(job))
        return next(part.partition("=")[2] for part in said.split() if part.startswith("JobState="))

    def cancel(self, job: int) -> None:
        self._asked("scancel", str(job))

    def end_time(self, job: int) -> None:
        """Let a job's time be over; the controller looks for such jobs every 30 s."""
        self._asked("scontrol", "update", f"jobid={job}", "EndTime=now+1")

    def until(self, true: Callable[[], object], seconds: float = END_SECONDS) -> None:
        """Wait until something is true."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s; {self._log()}"
            time.sleep(0.1)

    def _begin(self, name: str, *arguments: str) -> None:
        """Start a program that ends with this process, however that ends."""
        with (self.folder / f"{name}.out").open("wb") as out:
            command = ["setpriv", "--pdeathsig", "KILL", _program(name) or name, *arguments]
            process = subprocess.Popen(
                command, env=self._environment, cwd=self.folder, stdout=out, stderr=subprocess.STDOUT
            )
        self._running.append(process)

    def _asked(self, *command: str, check: bool = True) -> str:
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=END_SECONDS, check=check
            )
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"{command}: {error.stderr}") from error
        return done.stdout

    def _log(self) -> str:
        files = (self.folder / f"{name}.log" for name in ("munged", "slurmctld", "slurmd"))
        return "\n".join(file.read_text()[-1500:] for file in files if file.is_file())

    def _end_what_is_left(self) -> None:
        """Processes of jobs that did not end, known by the controller that they belong to."""
        ours = f"SLURM_CONF={self.configuration}".encode()
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and ours in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:  # it has ended meanwhile
                continue


def _program(name: str) -> str | None:
    """A program, which Debian may keep where only root looks."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@pytest.fixture(scope="session")
def _slurm(missing: Callable[[str], NoReturn]) -> Iterator[Slurm]:
    if os.environ.get("HARNESS_WITHOUT_SLURM") == "1":
        pytest.skip("HARNESS_WITHOUT_SLURM=1: left out")
    if absent := [name for name in PROGRAMS if _program(name) is None]:
        missing(f"there is no SLURM here: no {', '.join(absent)} (HARNESS_WITHOUT_SLURM=1 leaves out what needs it)")
    if os.geteuid() != 0:
        missing("a SLURM is started by root alone (HARNESS_WITHOUT_SLURM=1 leaves out what needs it)")
    with tempfile.TemporaryDirectory(prefix="slurm", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        slurm = Slurm(Path(name))
        try:
            slurm.start()
            yield slurm
        finally:
            slurm.stop()


@pytest.fixture
def slurm(_slurm: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    """A SLURM that this process and those that it starts ask for jobs; none is left when the test ends."""
    monkeypatch.setenv("SLURM_CONF", str(_slurm.configuration))
    yield _slurm
    for job in _slurm.jobs():
        _slurm.cancel(job)
    _slurm.until(lambda: not _slurm.jobs())


@pytest.fixture
def slurm_file(slurm: Slurm, tmp_path: Path) -> Callable[..., Path]:
    """``slurm_file(workers=1, …)``: a description of jobs, each with a home folder of its own beside it."""

    def written(**given: Any) -> Path:
        home = f"export HARNESS_HOME={tmp_path}/job-$SLURM_JOB_ID"
        keys = {"kind": "slurm", "workers": 1, "interface": "lo", "memory": "2GB", "before": [home], **given}
        file = tmp_path / "slurm.toml"
        file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items()))
        return file

    return written


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of runs."""
    folder = tmp_path_factory.mktemp("mlflow")
    server = MlflowServer(folder, f"sqlite:///{folder / 'mlflow.db'}")
    open_client(resolve_uri(server.database))
    try:
        server.start()
        yield server.address
    finally:
        server.stop()
