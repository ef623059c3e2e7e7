"""The machine's part of a run: device, threads and memory."""

import ctypes
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.base.blas import blas_threads
from harness.base.errors import BadInput
from harness.runs.torch_defaults import cuda_is_available, default_threads
from harness.spec.options import ComputeOptions

if TYPE_CHECKING:
    import torch

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
KEPT_BYTES, LARGE_BYTES = 256 * 2**20, 32 * 2**20


@dataclass
class _Threads:
    """The number that the process itself has chosen, and the one that the last run was given."""

    own: int = 0
    given: int = 0

    def of_a_run(self, wanted: int | None, now: int) -> int:
        """What a run is given that wants so many, or None, where the process has ``now`` so many."""
        return wanted or (self.own if now == self.given else now)

    def give(self, wanted: int | None, now: int) -> int:
        """The same, for a run that is given them now."""
        if now != self.given:  # no run has set it
            self.own = now
        self.given = wanted or self.own
        return self.given


_threads = _Threads()


def threads_of(options: ComputeOptions) -> int:
    """How many threads a run is given.

    One that does not say how many has the process's own number, whatever the one before it wanted.
    """
    return _threads.of_a_run(options.threads, default_threads())


def device_name(options: ComputeOptions) -> str:
    """Of the device that is asked for, whether or not it is there; ``auto``: the first accelerator or the processor."""
    if options.device != "auto":
        return options.device
    return "cuda" if cuda_is_available() else "cpu"


def check_device(options: ComputeOptions) -> None:
    """Whether the device is there; the processor always is.

    Raises:
        BadInput: where it is not.
    """
    if (name := device_name(options)) == "cpu":
        return
    import torch

    device = torch.device(name)
    if device.type == "cuda" and (not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count()):
        raise BadInput(f"compute.device={name}: this machine has {torch.cuda.device_count()} CUDA devices; use cpu")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise BadInput("compute.device=mps: not available on this machine; use cpu")


def set_up(options: ComputeOptions) -> "torch.device":
    """Set the threads and choose the device.

    Raises:
        BadInput: where the device is not there.
    """
    import torch

    check_device(options)
    number = _threads.give(options.threads, torch.get_num_threads())
    torch.set_num_threads(number)
    blas_threads(number)
    keep_freed_memory()
    device = torch.device(device_name(options))
    if device.type == "cuda":
        torch.use_deterministic_algorithms(True, warn_only=True)
    return device


def keep_freed_memory() -> bool:
    """Have the C library keep up to 256 MiB of freed memory for the next step; False where it cannot be told to.

    A step frees and allocates arrays of megabytes. glibc gives them back to the system as soon as a few dozen megabytes
    are free, and the system clears every page that it hands out again. Larger arrays still come and go one by one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:  # another system, or another C library
        return False
    return bool(mallopt(M_TRIM_THRESHOLD, KEPT_BYTES) and mallopt(M_MMAP_THRESHOLD, LARGE_BYTES))
