"""The runs of a study as the kinds that cost the same, stage by stage: each waits for all of the one before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.study.estimate.schedule import Chain, independent, makespan
from harness.study.plan import GridPlan, PlannedArm
from harness.study.search_plan import SearchPlan
from harness.study.trials import RANDOM_TRIALS


@dataclass(frozen=True)
class Work:
    """Runs of one kind.

    Attributes:
        name: of the kind, for people
        spec: one of them
        runs: how many
        touch_test: whether they are measured on test data
        at_once: as in :class:`harness.study.estimate.schedule.Chain`; None: all of them
    """

    name: str
    spec: RunSpec
    runs: int
    touch_test: bool
    at_once: int | None = None


Stages = Sequence[Sequence[Work]]
Seconds = Callable[[Work], float]


def planned_work(plan: GridPlan | SearchPlan) -> Stages:
    """What parameters trials will have is not known: all are taken for the method's defaults."""
    return _of_grid(plan) if isinstance(plan, GridPlan) else _of_search(plan)


def seconds_of(stages: Stages, seconds: Seconds, workers: int) -> float:
    """How long so many workers take.

    Args:
        seconds: of one run
    """
    return sum(makespan([_chain(work, seconds(work)) for work in stage], workers) for stage in stages)


def work_of(stages: Stages, seconds: Seconds) -> float:
    """Seconds of all runs together."""
    return sum(work.runs * seconds(work) for stage in stages for work in stage)


def _chain(work: Work, seconds: float) -> Chain:
    return independent(seconds, work.runs) if work.at_once is None else Chain(seconds, work.runs, work.at_once)


def _of_grid(plan: GridPlan) -> Stages:
    first, free = plan.seeds[0], 0 if plan.study.tuning.prune else RANDOM_TRIALS
    tuning = [
        [Work(_name(arm), arm.spec(first), plan.trials_of(arm), False, free) for _ in plan.tuning_seeds for arm in arms]
        for arms in plan.tuning_stages
    ]
    compared = [Work(_name(arm), arm.spec(first), len(plan.seeds), True) for arm in plan.arms]
    alone = {
        reference_of(arm.spec(first)).digest: reference_of(arm.spec(first))
        for arm in plan.arms
        if has_reference(arm.spec(first)) and plan.reference_of(arm) is None
    }
    references = [Work(spec.label, spec, len(plan.seeds), False) for spec in alone.values()]
    return [stage for stage in (*tuning, references, compared) if stage]


def _name(arm: PlannedArm) -> str:
    return ", ".join(part for part in (arm.variant, arm.point.name) if part)


def _of_search(plan: SearchPlan) -> Stages:
    values = sum(map(len, plan.study.curves.values()))
    curves = [Work(plan.base.label, plan.base, values * len(plan.seeds), False)] if values else []
    references = []
    if has_reference(plan.base):
        seeds = {plan.base.seed, *(plan.seeds if values else ())}
        reference = reference_of(plan.base)
        references = [Work(reference.label, reference, len(seeds), False)]
    trials = [Work(plan.base.label, plan.base, plan.trials, False, 0 if plan.study.prune else RANDOM_TRIALS)]
    return [stage for stage in (references, curves, trials) if stage]
