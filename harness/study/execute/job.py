"""What a worker is told of a run, and what it answers; both travel between processes and machines."""

from dataclasses import dataclass
from typing import Any

from harness.runs.context import Address
from harness.runs.run import RunResult


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
        bad_input: whether the run cannot be asked for like this
        lines: warnings
    """

    worker: str
    result: RunResult | None = None
    failure: str = ""
    bad_input: bool = False
    lines: tuple[str, ...] = ()
