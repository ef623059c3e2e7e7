"""What a study would do, told without doing it: its runs, those on record, what is missing, what the rest takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.runs.context import Context
from harness.runs.estimate.missing import Missing, missing_of
from harness.runs.estimate.stopwatch import started_watch
from harness.runs.identity import find_finished
from harness.study.any_plan import Plan, plan_study
from harness.study.estimate.planned_work import planned_work
from harness.study.estimate.study_estimate import StudyEstimate, estimate_study, placed
from harness.study.plan import GridPlan
from harness.study.study_run import IDENTITY_TAG, STUDY_TAG, identity_of
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec
from harness.vectors.hub import network


@dataclass(frozen=True)
class OnRecord:
    """Runs of a study that need not be made.

    Attributes:
        trials: that only select; of a study that has begun before
        runs: that are measured on test data
    """

    trials: int
    runs: int


@dataclass(frozen=True)
class DryStudy:
    """A study that has not been carried out.

    Attributes:
        plan: what it consists of
        on_record: what of it is
        missing: what would be fetched; an estimate can be given once it is here
        estimate: None where something is missing

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> told = h.dry_run_study("methods", method="random", budget="smoke", **shop)
    >>> told.trials, told.runs, told.estimate.workers
    (0, 1, 1)
    """

    plan: Plan
    on_record: OnRecord
    missing: tuple[Missing, ...] = ()
    estimate: StudyEstimate | None = None

    @property
    def trials(self) -> int:
        """Runs that only select."""
        return self._runs(touch_test=False)

    @property
    def runs(self) -> int:
        """Runs that are measured on test data."""
        return self._runs(touch_test=True)

    @property
    def seconds_left(self) -> float | None:
        """What the runs take that are not on record, as a share of all; None without an estimate."""
        if self.estimate is None:
            return None
        done = min(self.on_record.trials, self.trials) + min(self.on_record.runs, self.runs)
        return self.estimate.seconds * (1 - done / (self.trials + self.runs))

    @property
    def tree(self) -> Mapping[str, Any]:
        """All of it, as JSON knows it."""
        found = self.estimate
        return {
            "study": self.plan.name,
            "budget": self.plan.budget,
            "spec": self.plan.first.model_dump(mode="json"),
            "seeds": list(self.plan.seeds),
            "trials": self.trials,
            "runs": self.runs,
            "on_record": {"trials": self.on_record.trials, "runs": self.on_record.runs},
            "missing": [one.tree for one in self.missing],
            "estimate": None if found is None else {**vars(found), "seconds_left": self.seconds_left},
        }

    def _runs(self, *, touch_test: bool) -> int:
        return sum(work.runs for stage in planned_work(self.plan) for work in stage if work.touch_test == touch_test)


def dry_study(
    name: str,
    study: GridSpec | SearchSpec,
    tree: Mapping[str, Any],
    context: Context,
    *,
    budget: BudgetName = "default",
    seeds: int | None = None,
    trials: int | None = None,
    jobs: int = 1,
    whole_process: bool = False,
) -> DryStudy:
    """Plan ``study``, look what is on record, and estimate all of it; arguments as for a study that is carried out.

    Raises:
        BadInput: where the study itself would be refused.
    """
    plan = plan_study(name, study, tree, context.tracker, budget=budget, seeds=seeds, trials=trials)
    watch = started_watch(placed(plan.first, jobs).compute, whole_process=whole_process)
    stages = planned_work(plan)
    specs = list({work.spec.digest: work.spec for stage in stages for work in stage}.values())
    missing = tuple(dict.fromkeys(one for spec in specs for one in missing_of(spec, context)))
    with network(allowed=False):
        known = DryStudy(plan, _on_record(plan, context, jobs), missing)
    if missing:
        return known
    splits = {*plan.seeds, *(plan.tuning_seeds if isinstance(plan, GridPlan) else ())}
    with network(allowed=False):
        here = replace(context, offline=True)
        return replace(known, estimate=estimate_study(stages, len(splits), here, jobs, watch))


def _on_record(plan: Plan, context: Context, jobs: int) -> OnRecord:
    """What is known without making a trial.

    Where nothing is tuned every run is known, and looked for by its spec; else those count that the study has begun.
    """
    if isinstance(plan, GridPlan) and not plan.chosen.trials:
        specs = (placed(arm.spec(seed), jobs) for seed in plan.seeds for arm in plan.arms)
        return OnRecord(0, sum(find_finished(spec, context) is not None for spec in specs))
    own = {STUDY_TAG: plan.name, IDENTITY_TAG: identity_of(plan.name, plan.budget, plan.tree)}
    before = context.tracker.find(own)
    children = [] if before is None else context.tracker.children(before.id)
    made = [run.tags.get("evaluated") for run in children if run.status == "FINISHED"]
    return OnRecord(made.count("validation"), made.count("test"))
