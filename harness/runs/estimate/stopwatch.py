"""Time that work takes, whoever else is at work on the machine."""

import time
from typing import TYPE_CHECKING

from harness.base.process import seconds_since_start
from harness.runs.compute import set_up, threads_of
from harness.spec.options import ComputeOptions

if TYPE_CHECKING:
    import torch


LEAVING = 0.06
"""What an interpreter takes to end that has imported so much, as a share of what it took to begin."""


class Stopwatch:
    """Counts seconds of this process's work: of the processor where one thread does it all, else on the clock.

    What one thread takes of the processor does not depend on neighbours; how long one waits for it does, and what is
    told for minutes from two seconds of steps had better not depend on who was at work in these two.

    Args:
        device: where tensors live
        threads: that work on them
        whole_process: whether the process itself began for the sake of what is timed, and ends after it

    Attributes:
        now: tells the time
        leaving: what the end of the process takes, as a share of its beginning
    """

    def __init__(self, device: "torch.device", threads: int, *, whole_process: bool = False) -> None:
        alone = device.type == "cpu" and threads == 1
        self.now = time.process_time if alone else time.perf_counter
        self.leaving = LEAVING if whole_process else 0.0
        self._clock, self._now = time.perf_counter(), self.now()
        if whole_process:
            self._clock -= seconds_since_start()
            self._now = 0.0 if alone else self._clock

    @property
    def counted(self) -> float:
        """Seconds since it was made, or since the process began."""
        return self.now() - self._now

    @property
    def slowdown(self) -> float:
        """Seconds on the clock for each of those that were counted: 1 for who has the machine to themselves."""
        return max(1.0, (time.perf_counter() - self._clock) / max(self.counted, 1e-9))


def started_watch(options: ComputeOptions, *, whole_process: bool = False) -> Stopwatch:
    """A watch for work under these options, which hold from now on.

    Raises:
        BadInput: where the device is not there.
    """
    return Stopwatch(set_up(options), threads_of(options), whole_process=whole_process)
