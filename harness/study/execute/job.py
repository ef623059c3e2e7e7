"""What a worker is told of a run, and what it answers; both travel between processes and machines."""

from dataclasses import dataclass
from typing import Any

from harness.base.errors import BadInput, HarnessError
from harness.base.full_disk import DiskFull
from harness.runs.context import Address
from harness.runs.on_record import RunResult
from harness.track.protocol import NotRecorded

ENDING_ALL: dict[str, type[HarnessError]] = {
    "bad input": BadInput,
    "full disk": DiskFull,
    "not recorded": NotRecorded,
}
"""What is no failure of one run: no other would come further."""


@dataclass(frozen=True)
class Job:
    """A run and all that a worker must know of it.

    Attributes:
        spec: as a tree
        address: what the context is opened by
        parent: id of the run that it belongs to
        touch_test, rivals: as in :class:`harness.study.execute.task.Task`
    """

    spec: dict[str, Any]
    address: Address
    parent: str
    touch_test: bool = True
    rivals: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Answer:
    """What became of a job.

    Attributes:
        worker: the address of who gives it
        result: None where there is none
        failure: why
        ends_all: which of :data:`ENDING_ALL` it is; empty: none
        lines: warnings
    """

    worker: str
    result: RunResult | None = None
    failure: str = ""
    ends_all: str = ""
    lines: tuple[str, ...] = ()
