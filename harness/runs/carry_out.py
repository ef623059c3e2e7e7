"""Carrying a run out: prepare, train, select on validation, measure on test once, record everything."""

import time
from collections.abc import Callable
from contextlib import ExitStack

from harness.base import interrupts
from harness.domain.metric_key import MetricKey
from harness.plugins.blame import blamed
from harness.runs.checkpoints import forget_checkpoints, kept_checkpoints
from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.runs.description import note_of
from harness.runs.experiment import Experiment, coverage, prepare
from harness.runs.group_labels import label_tags
from harness.runs.identity import find_by, find_finished, find_reference, tags_of
from harness.runs.observer import WithoutResult
from harness.runs.on_record import RunResult, reused, say_what_is_odd
from harness.runs.recorded_hashes import rule_tags
from harness.runs.resources import PeakMemory
from harness.runs.run_title import run_title
from harness.runs.stages import Stages
from harness.runs.torch_defaults import keep_answers
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar, parse
from harness.track import TrackedRun
from harness.vectors.hub import network


@blamed()
def carry_out(
    spec: RunSpec,
    context: Context,
    *,
    experiment: Experiment | None = None,
    parent: str | None = None,
    on_start: Callable[[str], None] | None = None,
    on_epoch: Callable[[int, float], None] | None = None,
    touch_test: bool = True,
    side_by_side: bool = False,
) -> RunResult:
    """Prepare, train, select on validation, measure on test once, record; whatever is on record already.

    What another process is training meanwhile is waited for, and then is on record.

    Args:
        context: where it is recorded, who watches, where files lie
        experiment: prepared data to use where it fits the spec (trials of a study share it)
        parent: id of the run that this one belongs to
        on_start: told the run's id once it is recorded as begun
        on_epoch: told of every epoch's number and validation NDCG; what it raises ends the run
        touch_test: False for runs that only select: their test data stays untouched
        side_by_side: whether the run, where it is measured by a reference's, is shown beside it on test data as well
    """
    tracker, observer = context.tracker, context.observer
    with ExitStack() as stack:
        stack.enter_context(network(allowed=not context.offline))  # also for plug-ins that ask for models themselves
        say_what_is_odd(spec, observer)
        device, tags = set_up(spec.compute), tags_of(spec, context, touch_test)
        tracker.make_ready()
        if experiment is None or experiment.covers != coverage(spec, context):
            experiment = prepare(spec, context)
        tags |= {f"hash.{name}": digest for name, digest in experiment.digests.items()}
        tags |= rule_tags(experiment.definitions) | label_tags(experiment.definitions)
        bar = _bar(spec, experiment, context, parent, touch_test and side_by_side)
        checkpoints = stack.enter_context(kept_checkpoints(spec, tags, bar, context))
        waited = checkpoints is not None and checkpoints.waited
        if waited and context.go_on and (finished := find_by(tags, context)):
            return reused(spec, finished, context, touch_test)
        with interrupts.deferred():  # until the run is one that ends with the block
            described = tags | note_of(spec, context)
            tracked = stack.enter_context(tracker.start(run_title(spec, touch_test), spec.flat(), described, parent))
        keep_answers()
        stack.enter_context(blamed())  # before the end is recorded: a plug-in that exits has failed
        if on_start is not None:
            on_start(tracked.id)
        if checkpoints is not None:
            checkpoints.record_with(tracked)
        _log_dataset(tracked, experiment)
        carried_out = Stages(spec, experiment, device, tracked, observer, bar, on_epoch, checkpoints, side_by_side)
        memory, began = PeakMemory(device), time.perf_counter()
        method, fitted = carried_out.train()
        metrics = carried_out.select(fitted, memory.metrics())
        if touch_test:
            metrics |= carried_out.test(method, fitted, context)
        took = {"run_seconds": time.perf_counter() - began}
        tracked.log_metrics(took, step=fitted.best_epoch)
        tracked.set_tags(note_of(spec, context, metrics))
    return RunResult(tracked.id, metrics | took, reused=False)


def _bar(spec: RunSpec, experiment: Experiment, context: Context, parent: str | None, side_by_side: bool) -> Bar | None:
    """What ``fair_within:x`` asks of an epoch, from the reference's finished run, else from one that is trained first.

    Unless both are shown side by side, the one trained here only selects: its test data stays untouched.
    """
    share = parse(spec.training.selection).share
    if share is None:
        return None
    reference, k = reference_of(spec), spec.evaluation.headline_k
    found = find_finished(reference, context) if side_by_side else find_reference(spec, context)
    say = context.observer.say
    if found is None:
        say(f"{spec.training.selection}: {reference.method} has not been run like this: it is trained first")
        quietly = context.watched_by(WithoutResult(context.observer))
        done = carry_out(reference, quietly, experiment=experiment, parent=parent, touch_test=side_by_side)
    else:
        forget_checkpoints(reference, found)
        done = RunResult(found.id, found.metrics, reused=True)
    bar = Bar(share, reference.method, done.id, done.metrics[str(MetricKey("ndcg", k, split="validation"))])
    whence = "finished before" if done.reused else "trained now"
    say(
        f"{spec.training.selection}: {bar.reference} (run {bar.run}, {whence}) has validation NDCG@{k} {bar.ndcg:.4f}: "
        f"{bar.required:.4f} qualifies"
    )
    return bar


def _log_dataset(tracked: TrackedRun, experiment: Experiment) -> None:
    card = experiment.dataset.card
    name, profile = experiment.dataset.name, experiment.profile()
    tracked.log_dataset(name, experiment.digests["data"], card.homepage, "training, validation, test", profile)
