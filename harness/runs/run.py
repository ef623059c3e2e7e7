"""One run: found on record, or carried out."""

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.runs.compute import check_device
from harness.runs.context import Context
from harness.runs.dead_runs import end_dead_runs
from harness.runs.identity import find_finished
from harness.runs.on_record import RunResult, reused, say_what_is_odd
from harness.spec.run_spec import RunSpec

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment


def run(
    spec: RunSpec,
    context: Context,
    *,
    force: bool = False,
    experiment: "Experiment | None" = None,
) -> RunResult:
    """Find ``spec`` finished, or carry it out.

    Args:
        context: where it is recorded, who watches, where files lie
        force: train again, from the first epoch, although a finished run of the same spec, code and machine exists or
            one has been interrupted
        experiment: as for :func:`harness.runs.carry_out.carry_out`
    """
    check_device(spec.compute)
    context.observer.say(f"{spec.view.title}; {spec.training.selection} keeps an epoch")
    end_dead_runs(context.tracker, context.observer.say)
    if not force and (finished := find_finished(spec, context)):
        say_what_is_odd(spec, context.observer)
        return reused(spec, finished, context, touch_test=True)
    from harness.runs.carry_out import carry_out  # with everything that a training needs

    context = replace(context, go_on=context.go_on and not force)
    return carry_out(spec, context, experiment=experiment, side_by_side=context.tracker.keeps)
