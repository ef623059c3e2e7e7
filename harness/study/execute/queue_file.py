"""A file that describes the jobs of a queueing system."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from harness.base import paths
from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.trees import read_tree
from harness.base.validation_message import bad_input

Kind = Literal["slurm", "pbs", "sge", "lsf", "oar"]


class Queue(Frozen):
    """A file that describes the jobs of a queueing system, each of which is one worker."""

    kind: Kind
    workers: Annotated[int, Field(ge=1, le=10_000, description="jobs")]
    cores: Annotated[int, Field(ge=1, description="of each job: the threads of a run")] = 1
    memory: Annotated[str, Field(description="of each job, as in 4GB")] = "4GB"
    walltime: Annotated[str | None, Field(description="of each job, as the system writes it")] = None
    queue: Annotated[str | None, Field(description="or partition")] = None
    account: Annotated[str | None, Field(description="or project")] = None
    interface: Annotated[str | None, Field(description="network interface of the nodes, such as ib0")] = None
    directives: Annotated[tuple[str, ...], Field(description="further lines of the job's header")] = ()
    leave_out: Annotated[tuple[str, ...], Field(description="lines of the header that the system refuses")] = ()
    before: Annotated[tuple[str, ...], Field(description="lines of shell before the worker begins")] = ()
    python: Annotated[str, Field(description="on the nodes, with the same packages")] = sys.executable
    logs: Annotated[str | None, Field(description="folder for what jobs write")] = None
    encrypted: Annotated[bool, Field(description="needs a folder that the nodes share: the home folder")] = True


def read_queue(file: Path) -> Queue:
    """The file's content.

    Raises:
        BadInput: where it cannot be read, or a key of it is wrong.
    """
    tree = read_tree(paths.expanded(file, "--cluster"), "--cluster")
    try:
        return Queue.model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"--cluster {file}: {bad_input(error, Queue)}") from None
