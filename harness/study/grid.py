"""Studies that compare: methods × points × selection rules × seeds, each measured on test once, in one report.

Where the budget says so every method is tuned first, on validation data and with as many trials as every other. Runs
that have been finished before are found by their hash, so a study that was stopped goes on where it stopped, and one
with more seeds adds only those. A run that fails is recorded with its reason and does not stop the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from harness.base.errors import HarnessError
from harness.domain.metric_key import GROUP, MetricKey, of_split
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG
from harness.study.execute.task import Outcome, Task
from harness.study.plan import GridPlan, PlannedArm
from harness.study.records import CurvePoint, Record, Records
from harness.study.runner import Runner
from harness.study.status import Status
from harness.study.study_spec import GridSpec
from harness.study.tuning import Tuned, curve_keys, tune

GROUP_CURVES = ("group_weight", "group_loss")
NOTHING_TO_RUN = f"{Status.NONE_QUALIFIES}: no epoch of any trial is accurate enough"


def compare(plan: GridPlan, runner: Runner) -> Records:
    """Tune every method where the budget says so, then run it with every seed at every point.

    Records lack the runs for which there is no time (:class:`harness.study.execute.until.Until`).

    Raises:
        HarnessError: where every run has failed.
    """
    observer = runner.observer
    tuned = tune(plan, runner) if plan.chosen.trials else Tuned()
    planned = list(planned_tasks(plan, tuned))
    todo = [task for task in planned if not nothing(task)]
    runner.progress.found(len(planned) - len(todo))
    done: dict[Task, Outcome] = {}
    for number, outcome in enumerate(runner.run_all(todo), 1):
        done[outcome.task] = outcome
        observer.say(f"{number}/{len(todo)}: {outcome.task.name}")
        reused = "  (finished before)" if outcome.result and outcome.result.reused else ""
        observer.say(f"  {outcome.line(shown_metrics(plan.study, outcome.task.spec))}{reused}")
    ended = [
        done.get(task) or Outcome(task, failure=NOTHING_TO_RUN) for task in planned if task in done or nothing(task)
    ]
    compared = [_record(outcome, runner) for outcome in ended]
    if compared and not any(record.finished for record in compared):
        reason = next(record.failure for record in compared)
        raise HarnessError(f"study {plan.name}: all {len(compared)} runs failed: {reason}")
    declared = plan.study.model_dump(mode="json")
    curves = tuned.curves + _trajectories(plan, compared, runner)
    return Records(plan.name, plan.budget, declared, (*tuned.trials, *compared), tuple(curves), runner.parent)


class Planned(NamedTuple):
    """Whose run a task is; ``params`` are what tuning chose, None where nothing qualifies and nothing is run."""

    arm: PlannedArm
    params: Mapping[str, Any] | None


def nothing(task: Task) -> bool:
    """Whether tuning has found nothing that could be run."""
    return task.note.params is None


def planned_tasks(plan: GridPlan, tuned: Tuned) -> Iterator[Task]:
    """All runs: seeds outermost, so that a stopped study has whole seeds, then points, whose runs share their data.

    Those of arms whose tuning has not come to its end are left out.
    """
    for seed in plan.seeds:
        for arm in plan.arms:
            if (arm, plan.tuning_seed(seed)) in tuned.unfinished:
                continue
            params = tuned.choices.get((arm, plan.tuning_seed(seed)), {})
            spec = arm.spec(seed) if params is None else _spec(plan, tuned, arm, seed, params)
            yield Task(spec, plan.name_of(arm, seed), note=Planned(arm, params))


def _spec(plan: GridPlan, tuned: Tuned, arm: PlannedArm, seed: int, params: Mapping[str, Any]) -> RunSpec:
    """A run with what tuning chose; what ``fair_within`` compares it with is tuned as well."""
    reference = plan.reference_of(arm)
    if arm.rule == BEST_NDCG or reference is None:
        return arm.spec(seed, params)
    chosen = tuned.choices.get((replace(reference, rule=BEST_NDCG), plan.tuning_seed(seed))) or {}
    prefix = ("config", "evaluation.reference_options")
    compared = {key.replace(*prefix, 1): value for key, value in chosen.items()}
    return arm.spec(seed, {**params, **compared})


def _record(outcome: Outcome, runner: Runner) -> Record:
    arm, params = outcome.task.note
    about = {"variant": arm.variant, "point": arm.point.values, "params": params or {}}
    return runner.record_of(outcome, stage="compare", **about)


def shown_metrics(study: GridSpec, spec: RunSpec) -> dict[str, str]:
    """What tables show, headings by key in the tracking store: what the study says, else accuracy and disparities."""
    if study.metrics:
        return {key.replace(GROUP, spec.group): heading for key, heading in study.metrics.items()}
    k = spec.evaluation.headline_k
    keys = [MetricKey("ndcg", k), MetricKey("recall", k)]
    keys += [MetricKey(name, k, grouping) for grouping in spec.groups for name in ("cv", "min25")]
    return {str(key.on("test")): key.label for key in keys} | {"training_seconds": "seconds"}


def _trajectories(plan: GridPlan, compared: list[Record], runner: Runner) -> list[CurvePoint]:
    """Weights and losses of groups by epoch, of the first seed of each arm: what figures show."""
    shown = []
    for record in compared:
        if record.finished and record.seed == plan.seeds[0]:
            keys = [key for key in of_split(record.metrics, "train") if key.name in GROUP_CURVES and key.group]
            shown += runner.curves([record.run], [*(str(key.on("train")) for key in keys), *curve_keys(record)])
    return shown
