"""The one way into a study, of whichever kind it is: planned, carried out or gone on with, reported."""

from collections.abc import Mapping
from typing import Any

from harness.base.errors import BadInput
from harness.publish.study_report import StudyResult, publish
from harness.runs.compute import set_up
from harness.runs.observer import Observer
from harness.study.archive import Archive
from harness.study.cut_off import remove_cut_off
from harness.study.execute.runner import Runner
from harness.study.grid import compare
from harness.study.parent import alone, identity_of, parent_run
from harness.study.plan import GridPlan, plan_grid
from harness.study.search import explore
from harness.study.search_plan import SearchPlan, plan_search
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec
from harness.study.trial_storage import check_storage
from harness.track import Tracker


def run_study(
    name: str,
    study: GridSpec | SearchSpec,
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
    """Run ``study``, which is called ``name``, or go on with it.

    Args:
        tree: the user's overrides of the run's spec; ``method`` is the one to search, or restricts a comparison to one
        seeds: how many (0, 1, …), of a comparison or of a search's curves, instead of the budget's
        trials: of each method's tuning, or of the search, instead of the budget's
        observer: told of everything; silent by default
        storage: URL of Optuna's database; None: SQLite in the user folder
        running: how runs are carried out, as :class:`harness.study.execute.runner.Runner` has it

    Raises:
        BadInput: for anything wrong with what is asked, before the first run.
        HarnessError: where no run has come to its end.
    """
    observer = observer or Observer()
    if not tracker.keeps:
        raise BadInput(f"study '{name}': a report is made of what runs have recorded; choose a store that keeps it")
    plan = _plan(name, study, tree, budget, seeds, trials)
    set_up(plan.first.compute)  # a device that is not there is found before anything is recorded
    if storage is not None:
        check_storage(storage)  # a comparison would open it late, after the runs that others are measured by
    archive: Archive | None = running.get("archive")
    if archive is not None and archive.outdated:
        observer.say(f"{archive.outdated} records of the archive are of specs that have changed since: run again")
    identity = identity_of(name, budget, plan.asked)
    with alone(identity), parent_run(tracker, identity, plan) as parent:
        remove_cut_off(tracker, parent.id)
        own: dict[str, Any] = {"isolated": plan.isolated, "show_epochs": isinstance(plan, SearchPlan)}
        with Runner(tracker, parent.id, observer, **own, **running) as runner:
            records = compare(plan, runner, storage) if isinstance(plan, GridPlan) else explore(plan, runner, storage)
        return publish(records, plan.study, parent, observer, tracker.location)


def _plan(
    name: str,
    study: GridSpec | SearchSpec,
    tree: Mapping[str, Any],
    budget: BudgetName,
    seeds: int | None,
    trials: int | None,
) -> GridPlan | SearchPlan:
    if isinstance(study, GridSpec):
        return plan_grid(name, study, tree, budget, seeds=seeds, trials=trials)
    return plan_search(name, study, tree, budget, seeds=seeds, trials=trials)
