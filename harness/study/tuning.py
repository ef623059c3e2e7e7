"""Tuning before a comparison: every method gets as many trials, judged on validation data, and then a choice per rule.

A rule chooses among all epochs of all trials, as :mod:`harness.spec.selection` has it: ``best_ndcg`` the most accurate
one, ``fair_within:x`` the fairest of those nearly as accurate as the reference method tuned on the same seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.base.errors import HarnessError
from harness.spec.selection import BEST_NDCG, Bar, parse
from harness.study.arm import Arm
from harness.study.declared_metrics import OF_TUNING
from harness.study.plan import GridPlan, PlannedArm
from harness.study.records import CurvePoint, Record
from harness.study.references import measure_references
from harness.study.runner import Runner
from harness.study.trials import Search, Wanted, objectives_of, search_all

Params = Mapping[str, Any]


@dataclass
class Tuned:
    """What tuning has found.

    Attributes:
        trials: their records
        curves: validation NDCG and CV of each trial by epoch
        choices: parameters by arm and seed of the split tuned on; None where no epoch qualifies
        unfinished: arms, with that seed, whose trials, or those of what they are measured by, have not all been made
    """

    trials: list[Record] = field(default_factory=list)
    curves: list[CurvePoint] = field(default_factory=list)
    choices: dict[tuple[Arm, int], Params | None] = field(default_factory=dict)
    unfinished: set[tuple[Arm, int]] = field(default_factory=set)


def tune(plan: GridPlan, runner: Runner) -> Tuned:
    """Make every arm's trials, as many as the budget says, and choose."""
    tuned = Tuned()
    found: Found = {}
    for arms in plan.tuning_stages:
        wanted = [
            _search_of(plan, arm, seed, start)
            for seed in plan.tuning_seeds
            for arm in arms
            if (start := _head_start(plan, arm, seed, found)) is not None
        ]
        for (search, trials), records in zip(wanted, search_all(wanted, runner, plan.name), strict=True):
            made = [record.run for record in records if record.finished]
            curves = runner.curves(made, curve_keys(records[0])) if records else []
            tuned.trials += records
            tuned.curves += curves
            if len(records) >= trials:
                found[(search.label, search.point.key), search.base.seed] = _as_trials(records, curves)
    for seed in plan.tuning_seeds:
        for arm in plan.arms:
            reference = plan.reference_of(arm)
            if not {(arm.search, seed), ((reference or arm).search, seed)} <= found.keys():
                tuned.unfinished.add((arm, seed))
                continue
            try:
                bar = _bar(plan, arm, seed, found, runner)
            except NotMeasured:
                tuned.unfinished.add((arm, seed))
                continue
            tuned.choices[arm, seed] = choose(found[arm.search, seed], bar)
    return tuned


class NotMeasured(Exception):
    """There was no time for the run that others are measured by."""


@dataclass(frozen=True)
class Trial:
    """A trial as rules see it: its parameters, and (NDCG, CV) of each epoch on validation data."""

    params: Params
    epochs: Sequence[tuple[float, float]]


Found = dict[tuple[tuple[str, str], int], list[Trial]]
"""Trials by search and seed of the split; of searches that have come to their end."""


def choose(trials: Sequence[Trial], bar: Bar | None) -> Params | None:
    """The parameters whose trial has the epoch that the rule prefers; the earlier one where two are equal.

    Args:
        bar: what ``fair_within`` asks; None: the most accurate epoch counts

    Returns:
        None where there is no trial, or none reaches the bar.
    """
    best: tuple[tuple[float, ...], Params] | None = None
    for trial in trials:
        for ndcg, cv in trial.epochs:
            if bar is not None and not bar.reached(ndcg):
                continue
            preference = (ndcg,) if bar is None else bar.preference(ndcg, cv)
            if best is None or preference > best[0]:
                best = preference, trial.params
    return None if best is None else best[1]


def _head_start(plan: GridPlan, arm: PlannedArm, seed: int, found: Found) -> Params | None:
    """What the reference was tuned to, of the options that both have; None where its trials have not all been made."""
    reference = plan.reference_of(arm) if plan.study.tuning.from_reference else None
    if reference is None or reference.search == arm.search:
        return {}
    if (reference.search, seed) not in found:
        return None
    chosen = choose(found[reference.search, seed], None) or {}
    return {key: value for key, value in chosen.items() if key in arm.space}


def _search_of(plan: GridPlan, arm: PlannedArm, seed: int, head_start: Params) -> Wanted:
    """One search; a method without anything to tune has the one trial of its defaults."""
    base = arm.spec(seed, rule=BEST_NDCG)
    asked = Search(
        arm.variant,
        base,
        arm.space,
        objectives_of(base, OF_TUNING),
        point=arm.point,
        prune=plan.study.tuning.prune,
        head_start=head_start,
    )
    return Wanted(asked, plan.trials_of(arm))


def curve_keys(record: Record) -> list[str]:
    """The curves of a run that rules look at: validation NDCG and CV of the grouping trained on."""
    return [str(record.view.metric(name, "epoch")) for name in OF_TUNING]


def _as_trials(records: Sequence[Record], curves: Sequence[CurvePoint]) -> list[Trial]:
    by_run: dict[str, dict[str, dict[int, float]]] = {}
    for point in curves:
        by_run.setdefault(point.run, {}).setdefault(point.key, {})[point.step] = point.value
    trials = []
    for record in records:
        own = by_run.get(record.run, {})
        ndcg_key, cv_key = curve_keys(record)
        cvs = own.get(cv_key, {})
        epochs = [(ndcg, cvs.get(step, float("nan"))) for step, ndcg in sorted(own.get(ndcg_key, {}).items())]
        trials.append(Trial(record.params, epochs))
    return trials


def _bar(plan: GridPlan, arm: PlannedArm, seed: int, found: Found, runner: Runner) -> Bar | None:
    """What its rule asks of an epoch: from the reference's own trials, else from a run of it at its defaults.

    Raises:
        NotMeasured: where such a run was not made.
    """
    share = parse(arm.rule).share
    if share is None:
        return None
    reference, spec = plan.reference_of(arm), arm.spec(seed)
    name = spec.evaluation.reference
    if reference is not None:
        reached = [ndcg for trial in found[reference.search, seed] for ndcg, _ in trial.epochs]
        if not reached:
            raise HarnessError(f"{arm.rule}: no trial of {name}, which others are measured by, has finished")
        return Bar(share, name, "", max(reached))
    measured = measure_references([spec], runner)
    if not measured:
        raise NotMeasured
    (run,) = measured.values()
    return Bar(share, name, "", run.metrics[str(spec.view.metric("ndcg", "validation"))])
