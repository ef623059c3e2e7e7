"""Carries out the runs of a study, or finds them done: here, in a process each, or in several processes at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from harness.base.errors import BadInput, HarnessError, one_line
from harness.runs.experiment import Experiment, coverage, prepare
from harness.runs.observer import Observer
from harness.runs.run import RunResult, find_finished, run
from harness.spec.run_spec import RunSpec
from harness.study.archive import Archive
from harness.study.pruning import Curve, Pruning
from harness.study.records import CurvePoint, Record
from harness.track import Tracker

if TYPE_CHECKING:
    from harness.study.execute.worker import Worker

Overwrite = Literal["never", "only-missing", "always"]
"""What becomes of runs on record. ``never``: one of the same spec stands whatever code and machine made it, and one
that failed is not tried again. ``only-missing``: one of the same spec, code and machine stands. ``always``: none."""


@dataclass(frozen=True, eq=False)
class Task:
    """One run to be carried out.

    Attributes:
        spec: the run
        name: for people
        touch_test: False for runs that only select
        rivals: validation NDCG by epoch of finished trials, behind which this one must not fall; empty: it may
        note: whatever the caller wants to find beside the outcome
    """

    spec: RunSpec
    name: str
    touch_test: bool = True
    rivals: tuple[Curve, ...] = ()
    note: Any = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task: a result, or why there is none."""

    task: Task
    result: RunResult | None = None
    failure: str = ""


@dataclass
class Runner:
    """Carries out tasks in the name of a study's run; as a context manager it keeps its processes until the end.

    Attributes:
        tracker: where runs are recorded
        parent: id of the study's run
        observer: told of warnings
        data_folder, offline: as for a run
        overwrite: what becomes of runs on record
        isolated: a process for each run
        jobs: processes at once
        archive: runs that have been measured elsewhere and stand unless ``overwrite`` is ``always``
        show_epochs: whether the observer is told of epochs as well
    """

    tracker: Tracker
    parent: str
    observer: Observer
    data_folder: Path | None = None
    offline: bool = False
    overwrite: Overwrite = "only-missing"
    isolated: bool = False
    jobs: int = 1
    archive: Archive = field(default_factory=Archive)
    show_epochs: bool = False
    workers: "list[Worker] | None" = None
    """Processes that are kept from one call to the next; None: none are."""
    _shared: dict[str, Experiment] = field(default_factory=dict)
    """The last prepared data, by what they cover: neighbours among tasks have them in common."""

    def __enter__(self) -> Self:
        self.workers = []
        return self

    def __exit__(self, *_: object) -> None:
        if self.workers:
            from harness.study.execute.parallel import close_all

            close_all(self.workers)
        self.workers = None

    def run_all(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes as they come, in the order of the tasks where one process does them all.

        A task is taken from ``tasks`` no sooner than somebody is free for it, so that a search can learn from what has
        been finished.

        Raises:
            BadInput: for a run that cannot be asked for like this, which ends the study.
        """
        if self.jobs > 1 or self.isolated:
            from harness.study.execute.parallel import run_in_processes

            yield from run_in_processes(self, tasks)
            return
        for task in tasks:
            yield self.known(task) or self._here(task)

    def known(self, task: Task) -> Outcome | None:
        """The outcome of a task that need not be carried out."""
        if self.overwrite == "always":
            return None
        if archived := self.archive.runs.get((task.spec.digest, task.touch_test)):
            if archived.finished:
                return Outcome(task, RunResult(archived.run, archived.metrics, reused=True))
            if self.overwrite == "never":
                return Outcome(task, failure=archived.failure)
        anywhere = self.overwrite == "never"
        found = find_finished(task.spec, self.tracker, self.data_folder, touch_test=task.touch_test, anywhere=anywhere)
        return None if found is None else Outcome(task, RunResult(found.id, found.metrics, reused=True))

    def record(self, spec: RunSpec, *, run: str, failure: str = "", **about: Any) -> Record:
        """What the study keeps of a run: its metrics and tags are read from where it is recorded."""
        own: dict[str, Any] = {
            "method": spec.method,
            "rule": spec.training.selection,
            "seed": spec.seed,
            "failure": failure,
            "run": run,
        }
        tree = spec.model_dump(mode="json")
        if failure or not run:
            return Record(**about, **own, spec=tree)
        archived = self.archive.runs.get((spec.digest, about["stage"] == "compare"))
        if archived is not None and archived.run == run:
            return Record(**about, **own, spec=tree, metrics=archived.metrics, tags=archived.tags)
        found = self.tracker.finished(run)
        return Record(**about, **own, spec=tree, metrics=found.metrics, tags=found.tags)

    def curves(self, runs: Sequence[str], keys: Sequence[str]) -> list[CurvePoint]:
        """Values by epoch of finished runs, those kept in an archive included."""
        kept = [point for point in self.archive.curves if point.run in set(runs) and point.key in set(keys)]
        rest = [run for run in dict.fromkeys(runs) if run not in {point.run for point in kept}]
        read = [
            CurvePoint(run, key, step, value)
            for run in rest
            for key, values in self.tracker.histories(run, keys).items()
            for step, value in values
        ]
        return kept + read

    def _here(self, task: Task) -> Outcome:
        try:
            result = run(
                task.spec,
                tracker=self.tracker,
                observer=Warnings(self.observer, self.show_epochs),
                offline=self.offline,
                force=self.overwrite == "always",
                experiment=self._prepared(task.spec),
                parent=self.parent,
                on_epoch=Pruning(task.rivals) if task.rivals else None,
                touch_test=task.touch_test,
            )
        except BadInput:
            raise
        except HarnessError as error:
            return Outcome(task, failure=one_line(error))
        return Outcome(task, result)

    def _prepared(self, spec: RunSpec) -> Experiment:
        covers = coverage(spec)
        if covers not in self._shared:
            self._shared.clear()
            self._shared[covers] = prepare(spec, None, self.data_folder, self.offline)
        return self._shared[covers]


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
