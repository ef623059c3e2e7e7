"""Runs in this process, one after the other."""

from collections.abc import Generator, Iterable

from harness.base.errors import BadInput, one_line
from harness.base.full_disk import disk_full
from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.runs.experiment import Experiment, LastExperiment
from harness.study.execute.executor import Executor, OnRecord, Warnings
from harness.study.execute.task import Outcome, Task
from harness.study.pruning import Pruning

WORKER = "here"
"""What the only one that works is called."""


class Here(Executor):
    """This process.

    Args:
        context: where runs are recorded, who watches, where files lie
        parent: id of the run that they belong to
        show_epochs: whether the observer is told of epochs as well
        shared: prepared data that are there already
    """

    def __init__(
        self, context: Context, parent: str, *, show_epochs: bool = False, shared: Experiment | None = None
    ) -> None:
        self._watching = context.observer
        self._context = context.watched_by(Warnings(context.observer, show_epochs))
        self._parent = parent
        self._last = LastExperiment(shared)

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Generator[Outcome, None, None]:
        for task in filter(None, tasks):  # nothing is under way when the next one is asked for
            yield on_record(task) or self._outcome(task)

    def close(self) -> None:
        self._last = LastExperiment()

    def _outcome(self, task: Task) -> Outcome:
        self._watching.working(WORKER, task.name)
        try:
            result = carry_out(
                task.spec,
                self._context,
                experiment=self._last.of(task.spec, self._context),
                parent=self._parent,
                on_epoch=Pruning(task.rivals) if task.rivals else None,
                touch_test=task.touch_test,
            )
        except BadInput:
            raise
        except Exception as error:
            if full := disk_full(error):  # no other run would come further
                raise full from error
            return Outcome(task, failure=one_line(error))
        finally:
            self._watching.working(WORKER, "")
        return Outcome(task, result)
