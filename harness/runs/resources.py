"""How much memory a piece of work takes at its peak: the process's resident set and, on a GPU, CUDA's allocations."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MEGABYTE = 1e6
RESET = "5"
"""Written to ``clear_refs``, sets the high-water mark back to the present size (Linux 4.0 and newer)."""


class PeakMemory:
    """The peak since it was made.

    On Linux the kernel's high-water mark of the resident set is set back first. Where that cannot be done it is the
    peak of the whole process so far, which is the same for a process that does nothing else.

    Args:
        device: where the work is done
        process: where the kernel keeps its account of this process
    """

    def __init__(self, device: "torch.device", process: Path = Path("/proc/self")) -> None:
        self._cuda = device if device.type == "cuda" else None
        self._process = process
        self._marked = _mark(process)
        if self._cuda is not None:
            import torch

            torch.cuda.reset_peak_memory_stats(self._cuda)

    def metrics(self) -> Mapping[str, float]:
        """``peak_memory_mb`` and, on a GPU, ``peak_cuda_memory_mb``, in units of 10⁶ bytes.

        Nothing of the resident set where the system does not tell (Windows).
        """
        found = {}
        resident = _high_water(self._process) if self._marked else _lifetime_peak()
        if resident is not None:
            found["peak_memory_mb"] = resident / MEGABYTE
        if self._cuda is not None:
            import torch

            found["peak_cuda_memory_mb"] = torch.cuda.max_memory_allocated(self._cuda) / MEGABYTE
        return found


def _mark(process: Path) -> bool:
    """Set the high-water mark of the resident set back; whether the system can."""
    try:
        (process / "clear_refs").write_text(RESET, encoding="ascii")
    except OSError:  # another system, or a container that forbids it
        return False
    return True


def _high_water(process: Path) -> float | None:
    """Bytes of the resident set at its peak since the mark; None where the kernel keeps no account of it."""
    for line in (process / "status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    return None


def _lifetime_peak() -> float | None:
    """Bytes of the resident set at its peak since the process began."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)
