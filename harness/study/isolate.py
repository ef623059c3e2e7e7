"""A run in a process of its own: its memory and time are its own, and a crash ends nothing but the run.

The child is told what to do by one line of JSON on its standard input and answers by lines of JSON on its standard
output; whatever else writes there is sent to standard error, of which the last line is kept for the reason of a crash.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from harness.console import Observer
from harness.errors import BadInput, HarnessError
from harness.registry import registry
from harness.run import RunResult, run
from harness.spec import RunSpec
from harness.track import Tracker, open_tracker
from harness.track.protocol import FAILURE_TAG, one_line

# -P: the working directory is no place to import from (a checkout's folder "datasets" would hide a library).
COMMAND = (sys.executable, "-P", "-c", "from harness.study.isolate import child; child()")
INTERRUPTED = 130
PATIENCE_SECONDS = 10
"""How long a child may take to end its run after Ctrl-C."""


class Crashed(HarnessError):
    """The process of a run ended without an answer."""


@dataclass(frozen=True)
class _Job:
    """What a child needs; all of it can be written as JSON."""

    spec: dict[str, Any]
    store: tuple[str, str]
    plugins: tuple[str, ...]
    parent: str
    data_folder: str | None
    offline: bool
    force: bool


def run_isolated(
    spec: RunSpec,
    *,
    tracker: Tracker,
    parent: str,
    observer: Observer,
    data_folder: Path | None = None,
    offline: bool = False,
    force: bool = False,
) -> RunResult:
    """:func:`harness.run.run` in a new process; warnings are passed on.

    Raises:
        BadInput: for a bad request, and for a tracker that other processes cannot record to.
        HarnessError: with the reason, where the run fails, raises anything or its process is killed. The run is then
            recorded as failed.
    """
    if tracker.address is None:
        raise BadInput(f"isolated runs need a store that other processes can write to, not one in {tracker.location}")
    plugins = tuple(str(file) for file in registry.files)
    folder = None if data_folder is None else str(data_folder)
    job = _Job(spec.model_dump(mode="json"), tracker.address, plugins, parent, folder, offline, force)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8"
        )
        try:
            started, answer = _listen(process, job, observer)
        finally:
            _end(process)
        if "finished" in answer:
            return RunResult(**answer["finished"])
        if "failed" in answer:
            raise (BadInput if answer["bad_input"] else HarnessError)(answer["failed"])
        reason = _why(process.returncode, complaints)
    if started is not None:
        _record_crash(tracker, started, reason)
    raise Crashed(reason)


def _listen(process: "subprocess.Popen[str]", job: _Job, observer: Observer) -> tuple[str | None, Mapping[str, Any]]:
    """Send the job; the id of the run once it has begun, and the child's last word (empty where there is none)."""
    assert process.stdin is not None
    assert process.stdout is not None
    started = None
    try:
        process.stdin.write(json.dumps(asdict(job)) + "\n")
        process.stdin.close()
    except BrokenPipeError:
        return None, {}
    for line in process.stdout:
        message = json.loads(line)
        if "started" in message:
            started = message["started"]
        elif "say" in message:
            observer.say(message["say"])
        else:
            return started, message
    return started, {}


def _end(process: "subprocess.Popen[str]") -> None:
    """Wait for the child, which may still be recording the end of its run, and no longer than that."""
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _why(code: int, complaints: IO[str]) -> str:
    """Why a process ended without an answer, from its exit code and its last line on standard error."""
    complaints.seek(0)
    lines = [line.strip() for line in complaints if line.strip()]
    last = f": {lines[-1][:300]}" if lines else ""
    if code >= 0:
        return f"its process ended with exit code {code}{last}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    hint = " (out of memory, if nobody else killed it)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}{last}"


def _record_crash(tracker: Tracker, run_id: str, reason: str) -> None:
    """End the run that the dead process left open."""
    recorded = tracker.resume(run_id)
    if recorded is not None:
        recorded.set_tags({FAILURE_TAG: reason})
        recorded.end("FAILED")


# --- in the child ----------------------------------------------------------------------------------------------------


def child() -> None:
    """Carry out the job on standard input."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)  # nothing else writes into the answers
        try:
            answer = _answer(_Job(**json.loads(sys.stdin.readline())), channel)
        except KeyboardInterrupt:  # the run has been recorded as killed, and the parent was interrupted as well
            sys.exit(INTERRUPTED)
        _tell(channel, answer)


def _answer(job: _Job, channel: IO[str]) -> dict[str, Any]:
    from harness.overrides import build_spec

    try:
        for file in job.plugins:
            registry.add_file(Path(file))
        store, experiment = job.store
        result = run(
            build_spec(job.spec),
            tracker=open_tracker(store, experiment or None),
            observer=_Remote(channel),
            data_folder=None if job.data_folder is None else Path(job.data_folder),
            offline=job.offline,
            force=job.force,
            parent=job.parent,
            on_start=lambda run_id: _tell(channel, {"started": run_id}),
        )
    except Exception as error:  # noqa: BLE001 - whatever a plug-in raises is this run's failure and no other's
        return {"failed": one_line(error), "bad_input": isinstance(error, BadInput)}
    return {"finished": {"id": result.id, "metrics": dict(result.metrics), "reused": result.reused}}


class _Remote(Observer):
    """Sends warnings to the parent."""

    def __init__(self, channel: IO[str]) -> None:
        self._channel = channel

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            _tell(self._channel, {"say": line})


def _tell(channel: IO[str], message: Mapping[str, Any]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()
