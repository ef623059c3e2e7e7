"""Who carries out runs: this process, or others. None of them looks for runs on record: that is the runner's."""

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable

from harness.base.closing import Closing
from harness.runs.observer import Observer
from harness.spec.run_spec import RunSpec
from harness.study.execute.task import Outcome, Task

OnRecord = Callable[[Task], Outcome | None]
"""The outcome of a task that need not be carried out."""


class Executor(Closing):
    """Carries out runs, and keeps what they share until it is closed."""

    @abstractmethod
    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Generator[Outcome, None, None]:
        """Outcomes as they come.

        A task is taken no sooner than somebody is free for it, so that a search can learn from what has been finished.
        Where the iteration is left, runs under way are stopped and recorded as killed.

        Args:
            tasks: None among them says that there is none before another outcome has been taken
            on_record: asked of each task right before it would be carried out

        Raises:
            BadInput: for a run that cannot be asked for like this.
        """

    def placed(self, spec: RunSpec) -> RunSpec:
        """``spec`` as it is carried out: with the number of threads that every run has here."""
        return spec


class Warnings(Observer):
    """Lets warnings through, and epochs where they are wanted: a study has its own lines."""

    def __init__(self, behind: Observer, epochs: bool = False) -> None:
        self._behind = behind
        self._epochs = epochs

    def say(self, line: str) -> None:
        if line.startswith("warning"):
            self._behind.say(f"  {line}")

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        if self._epochs:
            self._behind.epoch(number, max_epochs, loss, ndcg, cv, best)
