"""The runs of a study: each is on record, or is carried out; this is the one place that decides which."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.runs.checkpoints import forget_checkpoints
from harness.runs.context import Context
from harness.runs.description import NOTE_TAG
from harness.runs.identity import find_finished
from harness.runs.observer import Observer
from harness.runs.on_record import RunResult
from harness.spec.run_spec import RunSpec
from harness.study.archive import Archive
from harness.study.execute.executor import Executor
from harness.study.execute.task import Outcome, Task
from harness.study.progress import Progress
from harness.study.records import CurvePoint, Record
from harness.track import RecordedRun

Overwrite = Literal["never", "only-missing", "always"]
"""What becomes of runs on record. ``never``: one of the same spec stands whatever code and machine made it, and one
that failed is not tried again. ``only-missing``: one of the same spec, code and machine stands. ``always``: none."""


@dataclass(frozen=True)
class Runner:
    """Answers tasks in the name of a study's run.

    Attributes:
        context: where runs are recorded, who watches, where files lie
        parent: id of the study's run
        executor: carries out what is not on record
        overwrite: what becomes of runs on record
        archive: runs that have been measured elsewhere and stand unless ``overwrite`` is ``always``
        still_alone: raises where another process has begun to work on the study
        progress: counts runs
    """

    context: Context
    parent: str
    executor: Executor
    overwrite: Overwrite = "only-missing"
    archive: Archive = field(default_factory=Archive)
    still_alone: Callable[[], None] = lambda: None
    progress: Progress = field(default_factory=Progress)

    @property
    def observer(self) -> Observer:
        """Told of everything."""
        return self.context.observer

    def run_all(self, tasks: Iterable[Task | None]) -> Iterator[Outcome]:
        """Outcomes as they come, as :meth:`harness.study.execute.executor.Executor.run` has it.

        Raises:
            BadInput: for a run that cannot be asked for like this, which ends the study.
        """
        with closing(self.executor.run(tasks, self.on_record)) as outcomes:
            for outcome in outcomes:
                self.still_alone()
                self.progress.count(outcome)
                yield outcome

    def on_record(self, task: Task) -> Outcome | None:
        """The outcome of a task that need not be carried out."""
        self.still_alone()
        if self.overwrite == "always":
            return None
        if archived := self.archive.runs.get((task.spec.digest, task.touch_test)):
            if archived.finished:
                return Outcome(task, RunResult(archived.run, archived.metrics, reused=True))
            if self.overwrite == "never":
                return Outcome(task, failure=archived.failure)
        placed, anywhere = self.executor.placed(task.spec), self.overwrite == "never"
        found = find_finished(placed, self.context, touch_test=task.touch_test, anywhere=anywhere)
        if found is None:
            return None
        forget_checkpoints(placed, found)
        return Outcome(task, RunResult(found.id, found.metrics, reused=True))

    def has_been_made(self, task: Task) -> bool:
        """Whether there is a run of the same meaning, under whichever code and on whichever machine."""
        return (
            self.on_record(task) is not None
            or find_finished(task.spec, self.context, touch_test=task.touch_test, anywhere=True) is not None
        )

    def record_of(self, outcome: Outcome, **about: Any) -> Record:
        """What the study keeps of an outcome."""
        run = outcome.result.id if outcome.result else ""
        return self.record(outcome.task.spec, run=run, failure=outcome.failure, **about)

    def record(self, spec: RunSpec, *, run: str, failure: str = "", **about: Any) -> Record:
        """What the study keeps of a run: its metrics and tags are read from where it is recorded."""
        found: RecordedRun | Record | None = None
        if run and not failure:
            archived = self.archive.runs.get((spec.digest, about["stage"] == "compare"))
            found = archived if archived and archived.run == run else self.context.tracker.finished(run)
        return Record(
            **about,
            method=spec.method,
            rule=spec.training.selection,
            seed=spec.seed,
            run=run,
            failure=failure,
            metrics=found.metrics if found else {},
            tags={key: text for key, text in found.tags.items() if key != NOTE_TAG} if found else {},
            spec=spec.model_dump(mode="json"),
        )

    def curves(self, runs: Sequence[str], keys: Sequence[str]) -> list[CurvePoint]:
        """Values by epoch of finished runs, those kept in an archive included."""
        kept = [point for point in self.archive.curves if point.run in set(runs) and point.key in set(keys)]
        rest = [run for run in dict.fromkeys(runs) if run not in {point.run for point in kept}]
        read = [
            CurvePoint(run, key, step, value)
            for run in rest
            for key, values in self.context.tracker.histories(run, keys).items()
            for step, value in values
        ]
        return kept + read
