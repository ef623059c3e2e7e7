"""Studies that search: curves of one key at a time, then trials of Optuna, all judged on validation data.

None of them touches test data. A study is found again by the hash of all that its trials depend on, so a second call
goes on where the first stopped, whatever stopped it, and one with more trials adds only those.
"""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from harness.base.errors import HarnessError
from harness.base.trees import merged, nested
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.study.archive import SECONDS, Missing, digest_now
from harness.study.execute.task import Outcome, Task
from harness.study.records import Record, Records
from harness.study.references import measure_references
from harness.study.runner import Runner
from harness.study.search_plan import SearchPlan
from harness.study.trials import Search, Wanted, objectives_of, search_all


def explore(plan: SearchPlan, runner: Runner) -> Records:
    """Draw the curves and make the trials that are not there yet.

    Records lack the runs for which there is no time (:class:`harness.study.execute.until.Until`).

    Raises:
        HarnessError: where every trial has failed.
    """
    tasks = _curve_tasks(plan)
    measure_references([plan.base, *(task.spec for task in tasks)], runner)
    curves = _curves(plan, tasks, runner)
    (found,) = search_all([Wanted(_search_of(plan), plan.trials)], runner, plan.name)
    if found and not any(record.finished for record in found):
        reason = f"all {len(found)} trials failed: {found[0].failure}"
        raise HarnessError(f"study {plan.name}: {reason}; --overwrite always starts anew")
    declared = plan.study.model_dump(mode="json")
    return Records(plan.name, plan.budget, declared, (*curves, *found), (), runner.parent)


def missing_of_search(plan: SearchPlan, records: Records | None) -> Missing:
    """What ``records`` lack of ``plan``, with the mean time of the runs that they have."""
    settled = [record for record in (() if records is None else records.runs) if record.settled]
    drawn = {digest_now(record) for record in settled if record.stage == "curve"}
    asked = _search_of(plan)
    made = [one for one in settled if one.stage == "trial" and digest_now(one) == asked.spec(one.params).digest]
    absent = sum(task.spec.digest not in drawn for task in _curve_tasks(plan))
    short = max(0, plan.trials - len(made))
    took = [record.metrics[SECONDS] for record in settled if SECONDS in record.metrics]
    return Missing(short, absent, (short + absent) * fmean(took) if took else None)


def _search_of(plan: SearchPlan) -> Search:
    objectives = objectives_of(plan.base, plan.study.objectives)
    return Search(plan.base.label, plan.base, plan.space, objectives, prune=plan.study.prune)


def _curve_tasks(plan: SearchPlan) -> list[Task]:
    """One run per seed, key and value; where a value is the base's own, the run is one and the same."""
    return [
        Task(
            spec,
            f"{plan.base.label}, {plan.study.symbol(key)} = {value}, seed {seed}",
            touch_test=False,
            note=(key, value),
        )
        for seed in plan.seeds
        for key, values in plan.study.curves.items()
        for value in values
        for spec in [_varied(plan.base, key, value, seed)]
    ]


def _curves(plan: SearchPlan, tasks: Sequence[Task], runner: Runner) -> list[Record]:
    labels = {str(key): str(key.on("")) for key in objectives_of(plan.base, plan.study.objectives)}
    done: dict[Task, Outcome] = {}
    for number, outcome in enumerate(runner.run_all(tasks), 1):
        done[outcome.task] = outcome
        runner.observer.say(f"{number}/{len(tasks)}: {outcome.task.name}:  {outcome.line(labels)}")
    return [_point(plan, runner, done[task]) for task in tasks if task in done]


def _point(plan: SearchPlan, runner: Runner, outcome: Outcome) -> Record:
    key, value = outcome.task.note
    return runner.record_of(outcome, stage="curve", variant=plan.base.label, params={key: value})


def _varied(base: RunSpec, key: str, value: Any, seed: int) -> RunSpec:
    return build_spec(merged(base.model_dump(mode="json"), merged(nested({key: value}), {"seed": seed})))
