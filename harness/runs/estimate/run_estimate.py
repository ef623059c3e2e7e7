"""What a run will take: its parts timed in this process, and the steps of its training counted."""

from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from harness.base.garbage import collect_as_usual
from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.runs.estimate.cost import RunCost
from harness.runs.estimate.preparation import prepared
from harness.runs.estimate.rehearsal import Rehearsal, Rehearsed, passing_store
from harness.runs.estimate.stand_in import stand_in
from harness.runs.estimate.stopwatch import Stopwatch
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar, parse
from harness.track import RecordedRun, Tracker

MEGABYTE = 2**20


@dataclass(frozen=True)
class Estimate:
    """What a run will take, on this machine as it is now.

    Attributes:
        start: seconds until the data are asked for, and until the process has ended after its last line
        data: seconds of preparing the data
        encoding: seconds of encoding texts that are not in the cache
        reference: what the run that this one is measured by takes, where that has to be made; else None
        run: what the run itself takes
        epochs: how many runs of its kind on record have had, the median; None: there is none
        reference_epochs: the same of its reference
        peak_memory: bytes of the process's resident set at its peak
        peak_cuda_memory: bytes allocated on the GPU; None without one
        steps: how many have been timed
        slowdown: seconds on the clock for each second of work, while this was timed: more than 1 on a busy machine.
            All other seconds here are of work
        notes: what the figures leave out
    """

    start: float
    data: float
    encoding: float
    reference: RunCost | None
    run: RunCost
    epochs: int | None
    reference_epochs: int | None
    peak_memory: float | None
    peak_cuda_memory: float | None
    steps: int
    slowdown: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """On the clock, if no training ends before its last epoch and the machine is as busy as it was."""
        return self.slowdown * self.work

    @property
    def work(self) -> float:
        """The same of work."""
        return self._in_all(None, None)

    @property
    def expected_seconds(self) -> float | None:
        """On the clock, if trainings have as many epochs as those on record; None where none is."""
        if self.epochs is None:
            return None
        return self.slowdown * self._in_all(self.epochs, self.reference_epochs)

    @property
    def peak_memory_mib(self) -> float | None:
        """In units of 2²⁰ bytes."""
        return None if self.peak_memory is None else self.peak_memory / MEGABYTE

    def _in_all(self, epochs: int | None, of_reference: int | None) -> float:
        reference = 0.0 if self.reference is None else self.reference.seconds(of_reference)
        return self.start + self.data + self.encoding + reference + self.run.seconds(epochs, of_reference)

    @property
    def tree(self) -> dict[str, Any]:
        """As JSON knows it."""
        own = asdict(self)
        return {
            "seconds": self.seconds,
            "work": self.work,
            "expected_seconds": self.expected_seconds,
            "peak_memory_mib": self.peak_memory_mib,
            **own,
        }


def estimate_run(spec: RunSpec, context: Context, watch: Stopwatch, bar: Bar | None = None) -> Estimate:
    """Prepare the data of ``spec``, train for a moment, rehearse the rest, and reckon.

    Nothing is recorded where ``context`` records, and no checkpoint is written; caches of data are filled.

    Args:
        watch: that has counted since the process, or the call, began
        bar: of the finished run that it will be measured by; None: that has to be made, where its rule asks for one

    Raises:
        HarnessError: as the run itself would fail.
    """
    collect_as_usual()
    device, start = set_up(spec.compute), watch.counted
    ready = prepared(spec, context, device, watch)
    with passing_store(context.tracker, watch) as (store, imported):
        small = stand_in(ready.experiment, spec.split_seed)
        rehearsal = Rehearsal(ready.experiment, small, device, context, store, watch)
        reference = None
        if bar is None and has_reference(spec):
            reference = _whole(reference_of(spec), rehearsal)
            if not context.tracker.keeps:  # nothing could be shown beside it: it only selects
                reference = replace(reference, cost=RunCost(reference.cost.training))
            bar = _bar_of(reference, spec)
            run = _whole(spec, rehearsal, bar, reference=reference)
        else:
            run = _whole(spec, rehearsal, bar, beside=context.tracker)
    memory = ready.memory.metrics()
    of_runs = recorded_epochs(spec, context.tracker) if run.cost.training.epochs > 1 else None
    of_references = recorded_epochs(reference_of(spec), context.tracker)
    return Estimate(
        start=(start + imported) * (1 + watch.leaving),
        data=ready.data,
        encoding=ready.encoding,
        reference=None if reference is None else reference.cost,
        run=run.cost,
        epochs=of_runs,
        reference_epochs=of_references,
        peak_memory=_larger(_bytes(memory.get("peak_memory_mb")), run.trained.peak_memory),
        peak_cuda_memory=_bytes(memory.get("peak_cuda_memory_mb")),
        steps=run.trained.steps + (0 if reference is None else reference.trained.steps),
        slowdown=watch.slowdown,
        notes=(*ready.notes, *_not_made(run)),
    )


def _whole(
    spec: RunSpec,
    rehearsal: Rehearsal,
    bar: Bar | None = None,
    beside: Tracker | None = None,
    reference: Rehearsed | None = None,
) -> Rehearsed:
    """A run that is measured on test data, with the origins of its unfairness."""
    run = rehearsal.of(spec, bar, beside)
    return replace(run, cost=rehearsal.with_origins(spec, run, None if reference is None else reference.trained))


def _bar_of(reference: Rehearsed, spec: RunSpec) -> Bar:
    share = parse(spec.training.selection).share
    assert share is not None
    return Bar(share, reference_of(spec).method, reference.run, reference.trained.score.value)


def recorded_epochs(spec: RunSpec, tracker: Tracker) -> int | None:
    """The median of the epochs that finished runs of the same method, data set and groups have had; None: none has.

    Those count that ended where one of ``spec`` might: by its patience, or at its last epoch.
    """
    known = {"method": spec.method, "dataset": spec.dataset_name, "group": spec.group}
    found = [_epochs(run, spec) for run in tracker.all_finished(known)]
    ended = [epochs for epochs in found if epochs]
    return round(median(ended)) if ended else None


def _epochs(run: RecordedRun, spec: RunSpec) -> int:
    epochs, best = run.metrics.get("epochs", 0), run.metrics.get("best_epoch", 0)
    options = spec.training
    if epochs - best < options.patience and epochs != options.max_epochs:
        return 0
    return int(min(epochs, options.max_epochs))


def _bytes(megabytes: float | None) -> float | None:
    return None if megabytes is None else megabytes * 1e6


def _larger(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _not_made(run: Rehearsed) -> tuple[str, ...]:
    """What has to be known of a fit that was told from parts of the items."""
    if run.trained.peak_memory is None and not run.trained.scoring:
        return ()
    return ("the fit was made on parts of the items, and the whole of it told from these",)
