"""Studies that compare: methods × points × selection rules × seeds, each measured on test once, in one report.

Where the budget says so every method is tuned first, on validation data and with as many trials as every other. Runs
that have been finished before are found by their hash, so a study that was stopped goes on where it stopped, and one
with more seeds adds only those. A run that fails is recorded with its reason and does not stop the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.base.errors import HarnessError
from harness.domain.metric_key import GROUP, MetricKey, of_split
from harness.spec.run_spec import RunSpec
from harness.spec.selection import BEST_NDCG
from harness.study.execute.runner import Outcome, Runner, Task
from harness.study.plan import Contender, GridPlan
from harness.study.records import CurvePoint, Record, Records
from harness.study.status import Status
from harness.study.study_spec import GridSpec
from harness.study.tuning import Tuned, curve_keys, tune

GROUP_CURVES = ("group_weight", "group_loss")
NOTHING_TO_RUN = f"{Status.NONE_QUALIFIES}: no epoch of any trial is accurate enough"


def compare(plan: GridPlan, runner: Runner, storage: str | None = None) -> Records:
    """Tune every method where the budget says so, then run it with every seed at every point.

    Args:
        storage: URL of Optuna's database; None: SQLite in the user folder

    Raises:
        HarnessError: where every run has failed.
    """
    observer = runner.observer
    tuned = tune(plan, runner, storage) if plan.chosen.trials else Tuned()
    planned = list(members(plan, tuned))
    todo = [member.task() for member in planned if member.spec is not None]
    done: dict[Any, Outcome] = {}
    metrics = shown_metrics(plan.study, plan.first)
    for number, outcome in enumerate(runner.run_all(todo), 1):
        done[outcome.task.note] = outcome
        observer.say(f"{number}/{len(todo)}: {outcome.task.name}")
        observer.say(f"  {_line(outcome, metrics)}")
    compared = [member.record(done.get(member), runner) for member in planned]
    if not any(record.finished for record in compared):
        reason = next(record.failure for record in compared)
        raise HarnessError(f"study {plan.name}: all {len(compared)} runs failed: {reason}")
    declared = plan.study.model_dump(mode="json")
    curves = tuned.curves + _trajectories(plan, compared, runner)
    return Records(plan.name, plan.budget, declared, (*tuned.trials, *compared), tuple(curves), runner.parent)


@dataclass(frozen=True, eq=False)
class Member:
    """One run of the study; ``spec`` is None where tuning found nothing that qualifies."""

    contender: Contender
    seed: int
    rule: str
    params: Mapping[str, Any]
    spec: RunSpec | None

    def task(self) -> Task:
        assert self.spec is not None
        return Task(self.spec, self.contender.name(self.seed, self.rule), note=self)

    def record(self, outcome: Outcome | None, runner: Runner) -> Record:
        about: dict[str, Any] = {
            "stage": "compare",
            "variant": self.contender.label,
            "point": self.contender.point.values,
            "params": self.params,
        }
        if outcome is None or outcome.result is None:
            failure = NOTHING_TO_RUN if outcome is None else outcome.failure
            spec = self.spec or self.contender.spec(self.seed, self.rule)
            return runner.record(spec, run="", failure=failure, **about)
        return runner.record(outcome.task.spec, run=outcome.result.id, **about)


def members(plan: GridPlan, tuned: Tuned) -> Iterator[Member]:
    """All runs: seeds outermost, so that a stopped study has whole seeds, then points, whose runs share their data."""
    for seed in plan.seeds:
        for contender in plan.contenders:
            for rule in contender.rules:
                params = tuned.choices.get((contender, plan.tuning_seed(seed), rule), {})
                if params is None:
                    yield Member(contender, seed, rule, {}, None)
                else:
                    yield Member(contender, seed, rule, params, _spec(plan, tuned, contender, seed, rule, params))


def _spec(
    plan: GridPlan, tuned: Tuned, contender: Contender, seed: int, rule: str, params: Mapping[str, Any]
) -> RunSpec:
    """A run with what tuning chose; what ``fair_within`` compares it with is tuned as well."""
    reference = plan.reference_of(contender)
    if rule == BEST_NDCG or reference is None:
        return contender.spec(seed, rule, params)
    chosen = tuned.choices.get((reference, plan.tuning_seed(seed), BEST_NDCG)) or {}
    prefix = ("config", "evaluation.reference_options")
    compared = {key.replace(*prefix, 1): value for key, value in chosen.items()}
    return contender.spec(seed, rule, {**params, **compared})


def shown_metrics(study: GridSpec, spec: RunSpec) -> dict[str, str]:
    """What tables show, headings by key in the tracking store: what the study says, else accuracy and disparities."""
    if study.metrics:
        return {key.replace(GROUP, spec.group): heading for key, heading in study.metrics.items()}
    k = spec.evaluation.headline_k
    keys = [MetricKey("ndcg", k), MetricKey("recall", k)]
    keys += [MetricKey(name, k, grouping) for grouping in spec.groups for name in ("cv", "min25")]
    return {str(key.on("test")): key.label for key in keys} | {"training_seconds": "seconds"}


def _line(outcome: Outcome, metrics: Mapping[str, str]) -> str:
    if outcome.result is None:
        return f"failed: {outcome.failure}"
    found = outcome.result.metrics
    shown = "  ".join(f"{label} {found.get(key, float('nan')):.4f}" for key, label in metrics.items())
    return f"{shown}{'  (finished before)' if outcome.result.reused else ''}"


def _trajectories(plan: GridPlan, compared: list[Record], runner: Runner) -> list[CurvePoint]:
    """Weights and losses of groups by epoch, of the first seed of each contender: what figures show."""
    shown = []
    for record in compared:
        if record.finished and record.seed == plan.seeds[0]:
            keys = [key for key in of_split(record.metrics, "train") if key.name in GROUP_CURVES and key.group]
            shown += runner.curves([record.run], [*(str(key.on("train")) for key in keys), *curve_keys(record)])
    return shown
