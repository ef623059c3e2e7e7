"""What a place that records runs must offer: :class:`Tracker` and :class:`TrackedRun`, and what they give back."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError, one_line
from harness.base.messages import Say
from harness.track.digests import metrics_are_intact

Status = Literal["FINISHED", "FAILED", "KILLED"]
FAILURE_TAG = "failure"


class NotRecorded(HarnessError):
    """What was done is kept on this machine, and not yet where runs are recorded."""

    exit_code = 3


@dataclass(frozen=True)
class RecordedRun:
    """A run as a store has it.

    Attributes:
        status: a :data:`Status`; anything else (``RUNNING``, say) where nobody has ended it
        metrics: the last written value of each
    """

    id: str
    status: str
    metrics: Mapping[str, float]
    tags: Mapping[str, str]

    @property
    def intact(self) -> bool:
        """Whether the metrics are those that the run had at its end, as far as its tags tell."""
        return self.status != "FINISHED" or metrics_are_intact(self.metrics, self.tags)


class TrackedRun(ABC):
    """One run being recorded. As a context manager it ends FINISHED, FAILED on an exception, KILLED on Ctrl-C."""

    id: str

    @abstractmethod
    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        """Values of one step, perhaps kept back until :meth:`flush`; those that are not finite are only counted."""

    @abstractmethod
    def log_dataset(self, name: str, digest: str, source: str, context: str, profile: Mapping[str, Any]) -> None:
        """The data that the run reads: its name, hash, origin, what it is used for, and its figures."""

    @abstractmethod
    def log_artifacts(self, folder: Path, to: str = "") -> None:
        """Keep all files below ``folder``, in the artifact folder ``to``."""

    @abstractmethod
    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Add or replace tags."""

    @abstractmethod
    def flush(self) -> None:
        """Write what has been kept back."""

    @abstractmethod
    def end(self, status: Status) -> None:
        """Write everything and close the run; a second call does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with interrupts.deferred():
            if error is None:
                self.end("FINISHED")
                return
            killed = isinstance(error, KeyboardInterrupt)
            try:
                self.set_tags({FAILURE_TAG: one_line(error)})
                self.end("KILLED" if killed else "FAILED")
            except HarnessError as second:
                error.add_note(f"and the run's end could not be recorded: {second}")


class Tracker(ABC):
    """A place that records runs. As a context manager it is settled in the end."""

    location: str
    """Where, for people: shown after a run."""
    keeps: bool = True
    """Whether what is recorded can be read again."""
    address: tuple[str, str] | None = None
    """What :func:`harness.track.open_tracker` opens it by in another process: store and experiment; or None."""

    @abstractmethod
    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> TrackedRun:
        """Begin a run; ``parent`` is the id of the run that it belongs to."""

    @abstractmethod
    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        """The newest finished run that carries all of ``tags``, if there is one; one that is damaged is none."""

    @abstractmethod
    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        """Every finished run that carries all of ``tags``, newest first; without those that are damaged."""

    @abstractmethod
    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        """The newest run that carries all of ``tags``, whatever its status."""

    @abstractmethod
    def children(self, parent: str) -> list[RecordedRun]:
        """All runs begun with this parent and not discarded, oldest first."""

    @abstractmethod
    def called(self, text: str) -> list[str]:
        """Ids of the runs whose id begins with ``text`` or whose name it is, newest first; of none for an empty one."""

    @abstractmethod
    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        """All runs that carry all of ``tags`` and that nobody has ended, oldest first."""

    @abstractmethod
    def finished(self, run_id: str) -> RecordedRun:
        """The finished run of this id.

        Raises:
            BadInput: where there is no such run, or it has not finished.
            Unavailable: where its metrics are not those that were recorded.
        """

    @abstractmethod
    def resume(self, run_id: str) -> TrackedRun | None:
        """Go on recording a run begun before, whatever became of it; None where this place does not have it."""

    @abstractmethod
    def artifact(self, run_id: str, path: str) -> bytes:
        """The content of one of a run's files.

        Raises:
            BadInput: where there is no such run.
            HarnessError: where it has no such file.
        """

    @abstractmethod
    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        """Keep all files below ``folder`` with a run, in the artifact folder ``to``, whatever has become of the run.

        Raises:
            BadInput: where there is no such run.
        """

    def register(self, run_id: str, folder: str, name: str) -> str:
        """Give the model in one of a run's artifact folders a name in the place's registry; the answer is its version.

        A model that has the name already keeps its version.

        Raises:
            BadInput: where there is no such run, or no registry.
        """
        raise BadInput(f"models can be registered in an MLflow store, not in {self.location}")

    @abstractmethod
    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        """All written values of each metric as (step, value), by step, in as few questions as the place allows.

        A step that was written twice is there twice, the later value second; a metric that was never written is empty.

        Raises:
            BadInput: where there is no such run.
            Unavailable: where they are not what was recorded, as far as the place can tell.
        """

    def make_ready(self) -> None:  # noqa: B027 - most places are
        """Be ready to begin a run, where that takes time or can fail: before anything is computed for one."""

    @abstractmethod
    def discard(self, run_id: str) -> None:
        """Remove a run from sight: nothing finds it any more. One that is not there (any more) is none to remove."""

    def heard_by(self, say: Say) -> None:  # noqa: B027 - most places have nothing to tell
        """Who is told what befalls the place while runs are recorded."""

    def settle(self, interrupted: bool = False) -> None:  # noqa: B027 - most places have recorded everything at once
        """Wait, for a bounded time, until everything is where it belongs; less long where the user has interrupted.

        Raises:
            NotRecorded: where it is not; it is kept on this machine.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.settle(interrupted=error is not None)
        except NotRecorded as second:
            if error is None:
                raise
            self.tell(f"warning: {second}")

    def tell(self, line: str) -> None:  # noqa: B027 - as above
        """Say a line to whoever hears what befalls this place."""
