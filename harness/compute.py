"""The machine's part of a run: device and threads."""

from typing import TYPE_CHECKING

from harness.errors import BadInput
from harness.spec import ComputeOptions

if TYPE_CHECKING:
    import torch


def set_up(options: ComputeOptions) -> "torch.device":
    """Set the threads and choose the device (``auto``: the first accelerator there is, else the processor).

    Raises:
        BadInput: where the device is not there.
    """
    import torch

    if options.threads is not None:
        torch.set_num_threads(options.threads)
    name = options.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda":
        if not torch.cuda.is_available() or (device.index or 0) >= torch.cuda.device_count():
            raise BadInput(f"compute.device={name}: this machine has {torch.cuda.device_count()} CUDA devices; use cpu")
        torch.use_deterministic_algorithms(True, warn_only=True)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise BadInput("compute.device=mps: not available on this machine; use cpu")
    return device
