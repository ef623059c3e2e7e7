"""Studies that search: curves of one key at a time, then trials of Optuna, all judged on validation data.

None of them touches test data. A study is found again by the hash of all that its trials depend on, so a second call
goes on where the first stopped, whatever stopped it, and one with more trials adds only those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.compute import set_up
from harness.console import Observer
from harness.errors import BadInput, HarnessError, unknown
from harness.metrics.keys import at
from harness.overrides import build_spec, merged
from harness.registry import registry
from harness.selection import parse, reference_of
from harness.spec import RunSpec, flatten
from harness.study.cut_off import remove_cut_off
from harness.study.outcome import StudyResult, publish
from harness.study.parent import BUDGET_TAG, IDENTITY_TAG, STUDY_TAG, identity_of, parent_run
from harness.study.records import Record, Records
from harness.study.runner import Outcome, Runner, Task
from harness.study.spec import Axis, BudgetName, SearchBudget, SearchSpec, axes_of, nested
from harness.study.storage import SearchStorage, alone
from harness.study.trials import Search, objectives_of, search
from harness.track import Tracker


def run_search(
    name: str,
    study: SearchSpec,
    tree: Mapping[str, Any],
    *,
    tracker: Tracker,
    budget: BudgetName = "default",
    seeds: int | None = None,
    trials: int | None = None,
    observer: Observer | None = None,
    storage: str | None = None,
    **running: Any,
) -> StudyResult:
    """Run the study called ``name``, or go on with it, until its curves are drawn and its trials made.

    Args:
        name, study: the study
        tree: the user's overrides of the run's spec
        seeds: of the curves, instead of the budget's
        trials: how many in all, instead of the budget's
        storage: URL of Optuna's database; None: SQLite in the user folder
        running: how runs are carried out, as :class:`harness.study.runner.Runner` has it

    Raises:
        BadInput: for a method or key that the study cannot vary.
    """
    observer = observer or Observer()
    plan = plan_search(name, study, tree, budget, seeds, trials)
    set_up(plan.base.compute)  # a device that is not there is the request's fault, not a trial's
    identity = identity_of(name, budget, {**tree, "method": plan.base.method})
    tags = {STUDY_TAG: name, IDENTITY_TAG: identity, BUDGET_TAG: budget}
    tags |= {"method": plan.base.method, "dataset": plan.base.dataset_name, "group": plan.base.group}
    params = plan.base.flat() | {f"space/{key}": axis.model_dump(mode="json") for key, axis in plan.space.items()}
    title = f"study {name}: {plan.base.method} {plan.base.dataset_name}"
    with alone(identity), parent_run(tracker, title, params, tags) as parent:
        remove_cut_off(tracker, parent.id)
        with Runner(tracker, parent.id, observer, show_epochs=True, **running) as runner:
            curves = _curves(plan, runner, observer)
            found = _trials(plan, runner, observer, storage)
        if not any(record.finished for record in found):
            reason = f"all {len(found)} trials failed: {found[0].failure}"
            raise HarnessError(f"study {name}: {reason}; --overwrite always starts anew")
        declared = plan.study.model_dump(mode="json")
        records = Records(name, budget, declared, (*curves, *found), (), parent.id)
        return publish(records, plan.study, parent, observer, tracker.location)


def _trials(plan: "SearchPlan", runner: Runner, observer: Observer, storage: str | None) -> list[Record]:
    required = _required(plan, runner, observer)
    objectives = objectives_of(plan.base, plan.study.objectives)
    asked = Search(plan.base.label, plan.base, plan.space, objectives, required, prune=plan.study.prune)
    kept = SearchStorage(
        f"{plan.name}-{plan.base.method}-{asked.digest}",
        list(asked.objectives.values()),
        url=storage,
        restart=runner.overwrite == "always",
    )
    return search(asked, kept, runner, plan.trials, observer)


@dataclass(frozen=True)
class SearchPlan:
    """What is searched, with all that the budget and the user say.

    Attributes:
        name: of the study
        study: with the space and the curves that are meant, whichever place says so
        base: the run whose keys are varied
        seeds: of the curves
        trials: how many
    """

    name: str
    study: SearchSpec
    base: RunSpec
    seeds: tuple[int, ...]
    trials: int

    @property
    def space(self) -> Mapping[str, Axis]:
        """Ranges by key."""
        return self.study.space


def plan_search(
    name: str,
    study: SearchSpec,
    tree: Mapping[str, Any],
    budget: BudgetName,
    seeds: int | None = None,
    trials: int | None = None,
) -> SearchPlan:
    """Everything that a study asks for; arguments and errors are those of :func:`run_search`."""
    chosen = _budget(name, study, budget)
    method = registry.get("method", tree.get("method") or study.methods[0]).name
    if method not in study.methods:
        raise BadInput(f"study '{name}' varies options of {', '.join(study.methods)}, which '{method}' does not have")
    space = study.space or axes_of(registry.get("method", method).search_space)
    if not space:
        raise BadInput(f"study '{name}' searches a method's own space, and '{method}' has none")
    curves = study.curves if chosen.curves is None else chosen.curves
    own = merged(nested(study.base), nested(chosen.set))
    base = build_spec(merged(merged(own, tree), {"method": method}))
    varied = {**space, **curves}
    if given := sorted(set(varied) & set(flatten(dict(tree)))):
        raise BadInput(f"study '{name}' searches {', '.join(given)}: leave it out of --set and the spec file")
    flat = base.flat()
    for key in varied:
        if key not in flat:
            raise unknown(f"key in study '{name}'", key, flat)
    for key, values in curves.items():
        for value in values:
            build_spec(merged(base.model_dump(mode="json"), nested({key: value})))
    numbers = (base.seed,) if "seed" in tree else chosen.seeds if seeds is None else tuple(range(seeds))
    declared = study.model_copy(update={"space": space, "curves": curves})
    return SearchPlan(name, declared, base, numbers, chosen.trials if trials is None else trials)


def _budget(name: str, study: SearchSpec, budget: BudgetName) -> SearchBudget:
    if budget not in study.budgets:
        raise unknown(f"budget of study '{name}'", budget, study.budgets)
    return study.budgets[budget]


def _curves(plan: SearchPlan, runner: Runner, observer: Observer) -> list[Record]:
    """One run per seed, key and value; where a value is the base's own, the run is one and the same."""
    tasks = [
        Task(spec, f"{plan.base.label}, {_symbol(plan.study, key)} = {value}, seed {seed}", False, (key, value))
        for seed in plan.seeds
        for key, values in plan.study.curves.items()
        for value in values
        for spec in [_varied(plan.base, key, value, seed)]
    ]
    wanted = list(objectives_of(plan.base, plan.study.objectives))
    done: dict[Task, Outcome] = {}
    for number, outcome in enumerate(runner.run_all(tasks), 1):
        done[outcome.task] = outcome
        observer.say(f"{number}/{len(tasks)}: {outcome.task.name}:  {_line(outcome, wanted)}")
    return [_point(plan, runner, done[task]) for task in tasks]


def _line(outcome: Outcome, wanted: Sequence[str]) -> str:
    if outcome.result is None:
        return f"failed: {outcome.failure}"
    metrics = outcome.result.metrics
    return "  ".join(f"{name} {metrics.get(f'validation/{name}', float('nan')):.4f}" for name in wanted)


def _point(plan: SearchPlan, runner: Runner, outcome: Outcome) -> Record:
    key, value = outcome.task.note
    return runner.record(
        outcome.task.spec,
        stage="curve",
        variant=plan.base.label,
        params={key: value},
        run=outcome.result.id if outcome.result else "",
        failure=outcome.failure,
    )


def _varied(base: RunSpec, key: str, value: Any, seed: int) -> RunSpec:
    return build_spec(merged(base.model_dump(mode="json"), merged(nested({key: value}), {"seed": seed})))


def _symbol(study: SearchSpec, key: str) -> str:
    declared = study.space[key].symbol if key in study.space else study.symbols.get(key, "")
    return declared or key.rpartition(".")[2]


def _required(plan: SearchPlan, runner: Runner, observer: Observer) -> float | None:
    """The validation NDCG from which on a trial qualifies, where the study asks for one."""
    if not plan.study.constraint:
        return None
    spec = reference_of(plan.base)
    observer.say(f"{plan.study.constraint}: {spec.method} is measured first")
    outcome = runner.run_one(Task(spec, f"{spec.label}, seed {spec.seed}", touch_test=False))
    if outcome.result is None:
        raise HarnessError(f"{plan.study.constraint}: {outcome.task.name}: {outcome.failure}")
    share = parse(plan.study.constraint).share or 0.0
    return (1 - share) * outcome.result.metrics[f"validation/{at('ndcg', spec.evaluation.headline_k)}"]
