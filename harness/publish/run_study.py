"""The one way into a study, of whichever kind it is: planned, carried out or gone on with, reported."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from harness.base.errors import BadInput, HarnessError
from harness.publish.study_note import note_of_study
from harness.publish.study_report import StudyResult, publish
from harness.runs.compute import check_device
from harness.runs.context import Context
from harness.runs.dead_runs import end_dead_runs
from harness.study.any_plan import plan_study
from harness.study.archive import Archive
from harness.study.execute.executor import Executor
from harness.study.execute.own_process import Here
from harness.study.execute.until import Until
from harness.study.grid import compare
from harness.study.interrupted_runs import remove_interrupted
from harness.study.lease import leased
from harness.study.plan import GridPlan
from harness.study.progress import Progress
from harness.study.records import Records
from harness.study.runner import Overwrite, Runner
from harness.study.search import explore
from harness.study.search_plan import SearchPlan
from harness.study.study_run import alone, identity_of, parent_run
from harness.study.study_spec import BudgetName, GridSpec, SearchSpec
from harness.study.trial_storage import check_storage

if TYPE_CHECKING:
    from distributed import Client


class OutOfTime(HarnessError):
    """There was no time for some of a comparison's runs.

    Args:
        records: of those that have been made
    """

    def __init__(self, records: Records) -> None:
        super().__init__(f"study {records.study}: no time is left; what has been measured is on record")
        self.records = records


Executors = Callable[[Context, str], Executor]
"""Makes who carries out runs, of the context and the id of the study's own run."""


def run_study(
    name: str,
    study: GridSpec | SearchSpec,
    tree: Mapping[str, Any],
    context: Context,
    *,
    budget: BudgetName = "default",
    seeds: int | None = None,
    trials: int | None = None,
    jobs: int = 1,
    cluster: "str | Client | None" = None,
    overwrite: Overwrite = "only-missing",
    archive: Archive | None = None,
    executor: Executors | None = None,
    enough: Callable[[], bool] | None = None,
) -> StudyResult:
    """Run ``study``, which is called ``name``, or go on with it.

    Args:
        tree: the user's overrides of the run's spec; ``method`` is the one to search, or restricts a comparison to one
        context: where runs are recorded, who watches, where files lie, where trials are kept
        seeds: how many (0, 1, …), of a comparison or of a search's curves, instead of the budget's
        trials: of each method's tuning, or of the search, instead of the budget's
        jobs: processes at once
        cluster: whose workers carry out the runs, as :func:`harness.study.execute.elsewhere.elsewhere` has it
        executor: None: this process, or ``jobs`` others, or those of the cluster
        overwrite, archive: what becomes of runs on record, as :class:`harness.study.runner.Runner` has it
        enough: asked before each run of a comparison that is not on record, whether none is to be begun any more; None:
            all are

    Raises:
        BadInput: for anything wrong with what is asked, before the first run.
        HarnessError: where no run has come to its end.
        OutOfTime: where that was so before all runs of a comparison were made.
    """
    tracker, observer, archive = context.tracker, context.observer, archive or Archive()
    plan = plan_study(name, study, tree, tracker, budget=budget, seeds=seeds, trials=trials)
    if cluster is None:
        check_device(plan.first.compute)  # a device that is not there is found before anything is recorded
    if context.storage is not None:
        runs = "" if tracker.address is None else tracker.address[0]
        check_storage(
            context.storage, runs
        )  # a comparison would open it late, after the runs that others are measured by
    if archive.outdated:
        observer.say(f"{archive.outdated} records of the archive are of specs that have changed since: run again")
    executors = nullcontext(executor) if executor else _executors(plan, context, jobs, cluster)
    context = replace(context, go_on=context.go_on and overwrite != "always")
    identity = identity_of(name, budget, plan.tree)
    end_dead_runs(tracker, observer.say)
    with (
        alone(identity),
        leased(identity, context.storage, observer.say) as still_alone,
        executors as carried_out_by,
        parent_run(tracker, identity, plan, context.storage) as parent,
    ):
        parent.set_tags(note_of_study(plan, context))
        remove_interrupted(tracker, parent.id)
        with carried_out_by(context, parent.id) as carrying_out:
            progress = Progress(plan.size, observer)
            progress.begin()
            limited = None if enough is None else Until(carrying_out, enough)
            runner = Runner(context, parent.id, limited or carrying_out, overwrite, archive, still_alone, progress)
            records = compare(plan, runner) if isinstance(plan, GridPlan) else explore(plan, runner)
        still_alone()
        if limited and limited.left_out:
            parent.end("KILLED")
            raise OutOfTime(records)
        parent.set_tags(note_of_study(plan, context, records))
        return publish(records, plan.study, parent, observer, tracker.location)


def _executors(
    plan: GridPlan | SearchPlan, context: Context, jobs: int, cluster: "str | Client | None"
) -> AbstractContextManager[Executors]:
    """This process, unless several are asked for or each run is to have one of its own."""
    isolated = isinstance(plan, GridPlan) and plan.study.isolated
    if cluster is not None:
        if jobs != 1:
            raise BadInput(f"jobs={jobs}: a cluster has as many workers as it has; name one of both")
        from harness.study.execute.elsewhere import check_where, elsewhere

        check_where(cluster, context)
        return elsewhere(cluster, context, fresh=isolated)
    if jobs == 1 and not isolated:
        return nullcontext(partial(Here, show_epochs=isinstance(plan, SearchPlan)))
    from harness.study.execute.own_machine import check_installed, own_machine

    check_installed()
    return nullcontext(partial(own_machine, jobs=jobs, fresh=isolated))
