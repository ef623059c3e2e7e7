"""Runs up to a time: what is on record is still told, what is under way is finished, nothing new is begun."""

from collections.abc import Callable, Generator, Iterable, Iterator

from harness.spec.run_spec import RunSpec
from harness.study.execute.executor import Executor, OnRecord
from harness.study.execute.task import Outcome, Task


class Until(Executor):
    """Another executor, for so long.

    Args:
        executor: carries out runs; closed by whoever opened it
        enough: asked before each run that is not on record, whether none is to be begun any more; once it says so it
            goes on to
    """

    def __init__(self, executor: Executor, enough: Callable[[], bool]) -> None:
        self._executor = executor
        self._enough = enough
        self.left_out = 0
        """How many tasks were asked for too late."""

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Generator[Outcome, None, None]:
        yield from self._executor.run(self._in_time(tasks, on_record), on_record)

    def _in_time(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Iterator[Task | None]:
        for task in tasks:
            if (task is not None and on_record(task) is not None) or not self._enough():
                yield task
                continue
            self.left_out += 1
            if task is None:  # whatever comes depends on a run that is not begun, or comes the next time
                return

    def placed(self, spec: RunSpec) -> RunSpec:
        return self._executor.placed(spec)

    def close(self) -> None:
        """Nothing: it is not this one's."""
