"""What a study will take: each kind of its runs rehearsed once, then all of them handed out in virtual time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.runs.estimate.cost import RunCost
from harness.runs.estimate.preparation import Preparation, prepared
from harness.runs.estimate.rehearsal import Rehearsal, passing_store
from harness.runs.estimate.stand_in import stand_in
from harness.runs.estimate.stopwatch import Stopwatch
from harness.runs.experiment import coverage
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG
from harness.study.estimate.planned_work import Stages, Work, seconds_of, work_of
from harness.study.execute.threads import threads_each


@dataclass(frozen=True)
class StudyEstimate:
    """What a study will take if no run of it is on record.

    Attributes:
        seconds: on the clock, if no training ends before its last epoch and the machine is as busy as it was
        work: seconds of work of all runs together
        workers: runs at once
        peak_memory: bytes of one process at its peak; each worker is one
        costs: seconds of a run by what it is, of those that only select and of those measured on test data
        slowdown: seconds on the clock for each second of work, while this was timed
        notes: what the figures leave out
    """

    seconds: float
    work: float
    workers: int
    peak_memory: float | None
    costs: Mapping[str, Mapping[str, float]]
    slowdown: float = 1.0
    notes: tuple[str, ...] = ()


@dataclass
class _Found:
    """What has been rehearsed.

    Attributes:
        costs: of a run, by :func:`_kind`
        once: seconds that a process's first run takes more
        data: seconds of preparing all data once
        peak: bytes
        notes: of preparing
    """

    costs: dict[str, RunCost] = field(default_factory=dict)
    once: float = 0.0
    data: float = 0.0
    peak: float | None = None
    notes: dict[str, None] = field(default_factory=dict)

    def seconds(self, work: Work) -> float:
        cost = self.costs[_kind(work.spec)]
        return cost.seconds() if work.touch_test else cost.training.seconds()


def estimate_study(stages: Stages, seeds: int, context: Context, jobs: int, watch: Stopwatch) -> StudyEstimate:
    """Rehearse a run of each kind at its defaults, and reckon.

    Args:
        seeds: how many times each data set is divided
        jobs: runs at once
        watch: that has counted since the process, or the call, began
    """
    found, start = _Found(), watch.counted * (1 + watch.leaving)
    works = {_kind(work.spec): work for stage in stages for work in stage}
    for alike in _by_data([placed(work.spec, jobs) for work in works.values()], context):
        _rehearse(alike, context, found, watch)
    begins = (start + found.once) * (2 if jobs > 1 else 1)  # this process, and then the workers at once
    total = begins + found.data * seeds + seconds_of(stages, found.seconds, jobs)
    costs: dict[str, dict[str, float]] = {}
    for stage in stages:
        for work in stage:
            costs.setdefault(work.name, {})["test" if work.touch_test else "trial"] = found.seconds(work)
    slowdown, of_all = watch.slowdown, work_of(stages, found.seconds)
    return StudyEstimate(slowdown * total, of_all, jobs, found.peak, costs, slowdown, tuple(found.notes))


def placed(spec: RunSpec, jobs: int) -> RunSpec:
    """``spec`` with the threads that each of so many runs at once has."""
    threads = threads_each(jobs)
    if threads is None or spec.compute.threads is not None:
        return spec
    return spec.model_copy(update={"compute": spec.compute.model_copy(update={"threads": threads})})


def _by_data(specs: Sequence[RunSpec], context: Context) -> Iterator[list[RunSpec]]:
    """Those that read the same."""
    alike: dict[str, list[RunSpec]] = {}
    for spec in specs:
        alike.setdefault(coverage(spec, context), []).append(spec)
    yield from alike.values()


def _rehearse(specs: Sequence[RunSpec], context: Context, found: _Found, watch: Stopwatch) -> None:
    device = set_up(specs[0].compute)
    ready: Preparation = prepared(specs[0], context, device, watch)
    found.data += ready.data + ready.encoding
    found.notes |= dict.fromkeys(ready.notes)
    with passing_store(context.tracker, watch) as (store, _):
        small = stand_in(ready.experiment, specs[0].split_seed)
        rehearsal = Rehearsal(ready.experiment, small, device, context, store, watch)
        first = None if found.costs else rehearsal.of(specs[0]).cost.seconds()
        for spec in specs:
            run = rehearsal.of(spec)
            if first is not None:  # libraries are imported by whoever needs them first
                found.once, first = max(0.0, first - run.cost.seconds()), None
            found.costs[_kind(spec)] = rehearsal.with_origins(spec, run)
    resident = ready.memory.metrics().get("peak_memory_mb")
    if resident is not None:
        found.peak = max(found.peak or 0.0, resident * 1e6)


def _kind(spec: RunSpec) -> str:
    """What decides what a run takes; the rule that picks its epoch does not."""
    training = spec.training.model_copy(update={"selection": BEST_NDCG})
    return spec.model_copy(update={"training": training}).digest
