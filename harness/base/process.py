"""Which process of which machine this is, in a way that tells afterwards whether it is still there."""

import os
import platform
import sys
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

HOST, BOOT, SPACE, PROCESS, STARTED = (f"process.{name}" for name in ("host", "boot", "space", "id", "started"))


def this_process() -> dict[str, str]:
    """What this process is known by: its machine, the machine's boot, its number and the time of its start.

    Numbers of processes are given again, after a boot at the latest; and those of a container are its own ("space").
    """
    pid = os.getpid()
    known = {
        HOST: platform.node(),
        BOOT: _read(Path("/proc/sys/kernel/random/boot_id")),
        SPACE: _space(),
        PROCESS: str(pid),
        STARTED: _started(pid),
    }
    return {name: value for name, value in known.items() if value}


def seconds_since_start() -> float:
    """How long this process has been there; where the system does not say, how long it has worked."""
    started = _started(os.getpid())
    if not started.isdigit() or not hasattr(time, "CLOCK_BOOTTIME"):
        return time.process_time()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(started) / os.sysconf("SC_CLK_TCK")


def is_gone(known: Mapping[str, str]) -> bool:
    """Whether a process of this machine, known by what :func:`this_process` said there, has certainly ended."""
    own = this_process()
    if known.get(HOST) != own.get(HOST) or not known.get(PROCESS, "").isdigit():
        return False
    if known.get(BOOT) != own.get(BOOT):
        return bool(known.get(BOOT) and own.get(BOOT))
    if known.get(SPACE) != own.get(SPACE) or sys.platform == "win32":
        return False  # a process of another container cannot be seen from here
    pid = int(known[PROCESS])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is somebody else's, and there
        pass
    return bool(known.get(STARTED)) and _started(pid) != known[STARTED]


def _started(pid: int) -> str:
    """When the process started, in ticks since the boot; empty where the system does not say, or of one that ended."""
    text = _read(Path(f"/proc/{pid}/stat"))
    fields = text.rpartition(")")[2].split()  # what comes before may hold blanks and brackets
    if not fields or fields[0] in ("Z", "X"):  # it has ended and nobody has asked how
        return ""
    return fields[19] if len(fields) > 19 else ""


@cache
def _space() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
