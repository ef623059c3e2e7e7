"""One run: prepare, train, select on validation, measure on test once, record everything."""

import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base import interrupts
from harness.base.writable import written_into
from harness.domain.group_keys import group_keys
from harness.domain.metric_key import MetricKey, as_stored
from harness.evaluation.evaluate import evaluate
from harness.evaluation.extremes import by_group
from harness.plugins import Method
from harness.plugins.blame import blamed
from harness.plugins.registry import registry
from harness.plugins.source_code import changed_since
from harness.runs.artifacts import group_tags, metrics_on_test, summarise, summarise_finished, write_artifacts
from harness.runs.checkpoints import TrainingCheckpoints, forget_checkpoints, kept_checkpoints
from harness.runs.compute import set_up
from harness.runs.context import Context
from harness.runs.dead_runs import end_dead_runs
from harness.runs.diagnosis.diagnose import origins, signatures
from harness.runs.diagnosis.signatures import DIVERGED
from harness.runs.experiment import Experiment, coverage, prepare
from harness.runs.fitted.contents import Contents
from harness.runs.fitted.kept_model import keep_model
from harness.runs.identity import find_by, find_finished, find_reference, tags_of
from harness.runs.observer import Observer
from harness.runs.plugin_code import sources_of
from harness.runs.recorded_hashes import rule_tags
from harness.runs.resources import PeakMemory
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import NONE_QUALIFIES, REFERENCE_RUN, Bar, parse, reference_key, required_key
from harness.track import RecordedRun, TrackedRun
from harness.training.fit import Epoch, Fit, fit
from harness.training.mishaps import Diverged, mishaps
from harness.training.validation import reranking_of, validator
from harness.vectors.hub import network

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class RunResult:
    """A finished run.

    Attributes:
        id: in the tracking store
        metrics: last values by key: ``validation/…`` of the kept epoch and, where test was touched, ``test/…``
        reused: whether it had been finished before
    """

    id: str
    metrics: Mapping[str, float]
    reused: bool


def run(
    spec: RunSpec,
    context: Context,
    *,
    force: bool = False,
    experiment: Experiment | None = None,
) -> RunResult:
    """Find ``spec`` finished, or carry it out.

    Args:
        context: where it is recorded, who watches, where files lie
        force: train again, from the first epoch, although a finished run of the same spec, code and machine exists or
            one has been interrupted
        experiment: as for :func:`carry_out`
    """
    set_up(spec.compute)
    end_dead_runs(context.tracker, context.observer.say)
    if not force and (finished := find_finished(spec, context)):
        _say_what_is_odd(spec, context.observer)
        return _reused(spec, finished, context, touch_test=True)
    return carry_out(spec, replace(context, go_on=context.go_on and not force), experiment=experiment)


def _reused(spec: RunSpec, finished: RecordedRun, context: Context, touch_test: bool) -> RunResult:
    """A run on record, shown as one that has just been trained."""
    forget_checkpoints(spec, finished)
    context.observer.say(f"finished before as run {finished.id}: not trained again (--force trains again)")
    if touch_test:
        context.observer.result(summarise_finished(spec, finished, context.tracker))
    return RunResult(finished.id, finished.metrics, reused=True)


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
    """
    tracker, observer = context.tracker, context.observer
    with ExitStack() as stack:
        stack.enter_context(network(allowed=not context.offline))  # also for plug-ins that ask for models themselves
        _say_what_is_odd(spec, observer)
        device, tags = set_up(spec.compute), tags_of(spec, context, touch_test)
        if experiment is None or experiment.covers != coverage(spec, context):
            experiment = prepare(spec, context)
        tags |= {f"hash.{name}": digest for name, digest in experiment.digests.items()}
        tags |= rule_tags(experiment.definitions)
        bar = _bar(spec, experiment, context, parent)
        name = f"{spec.label} {spec.dataset_name} seed {spec.seed}"
        checkpoints = stack.enter_context(kept_checkpoints(spec, tags, bar, context))
        waited = checkpoints is not None and checkpoints.waited
        if waited and context.go_on and (finished := find_by(tags, context)):
            return _reused(spec, finished, context, touch_test)
        with interrupts.deferred():  # until the run is one that ends with the block
            tracked = stack.enter_context(tracker.start(name, spec.flat(), tags, parent))
        stack.enter_context(blamed())  # before the end is recorded: a plug-in that exits has failed
        if on_start is not None:
            on_start(tracked.id)
        if checkpoints is not None:
            checkpoints.record_with(tracked)
        _log_dataset(tracked, experiment)
        carried_out = _Run(spec, experiment, device, tracked, observer, bar, on_epoch, checkpoints)
        memory, began = PeakMemory(device), time.perf_counter()
        method, fitted = carried_out.train()
        metrics = carried_out.select(fitted, memory.metrics())
        if touch_test:
            metrics |= carried_out.test(method, fitted, context)
        took = {"run_seconds": time.perf_counter() - began}
        tracked.log_metrics(took, step=fitted.best_epoch)
    return RunResult(tracked.id, metrics | took, reused=False)


def _say_what_is_odd(spec: RunSpec, observer: Observer) -> None:
    for file in changed_since(sources_of(spec)):
        observer.say(f"warning: {file} has changed since it was loaded: what was loaded is used")
    for name, why in registry.broken("metric").items():
        observer.say(f"warning: metric '{name}' is left out: {why}")


def _bar(spec: RunSpec, experiment: Experiment, context: Context, parent: str | None) -> Bar | None:
    """What ``fair_within:x`` asks of an epoch, from the reference's finished run, else from one that is trained first.

    The one trained here only selects, as that is all it is needed for: its test data stays untouched.
    """
    share = parse(spec.training.selection).share
    if share is None:
        return None
    reference, k = reference_of(spec), spec.evaluation.headline_k
    found, say = find_reference(spec, context), context.observer.say
    if found is None:
        say(f"{spec.training.selection}: {reference.method} has not been run like this: it is trained first")
        done = carry_out(reference, context, experiment=experiment, parent=parent, touch_test=False)
    else:
        done = RunResult(found.id, found.metrics, reused=True)
    bar = Bar(share, reference.method, done.id, done.metrics[str(MetricKey("ndcg", k, split="validation"))])
    whence = "finished before" if done.reused else "trained now"
    say(
        f"{spec.training.selection}: {bar.reference} (run {bar.run}, {whence}) has validation NDCG@{k} {bar.ndcg:.4f}: "
        f"{bar.required:.4f} qualifies"
    )
    return bar


@dataclass(frozen=True)
class _Run:
    """The parts of a run, in the order in which they happen."""

    spec: RunSpec
    experiment: Experiment
    device: "torch.device"
    tracked: TrackedRun
    observer: Observer
    bar: Bar | None = None
    on_epoch: Callable[[int, float], None] | None = None
    checkpoints: TrainingCheckpoints | None = None

    def train(self) -> tuple[Method, Fit]:
        """The method, fitted and in the state of its best epoch; signatures of failure are tagged and said."""
        spec, experiment = self.spec, self.experiment
        method = registry.get("method", spec.method)(spec.config)
        self.observer.stage(f"training: {spec.method} on {spec.group} groups, {self.device}")
        try:
            with mishaps(spec.method, spec.config):
                method.prepare(experiment.problem(spec, self.device))
                judge = validator(spec, experiment.split, experiment.trained, self.device, self.bar)
                with interrupts.deferred() if self.checkpoints and method.iterative else nullcontext():
                    fitted = fit(method, judge, spec.training, self._record, self.checkpoints)
        except Diverged as error:
            self.tracked.set_tags({DIVERGED: str(error)})
            raise
        found = (signatures(fitted, spec, experiment) if method.iterative else {}) | self._missed(fitted)
        self.tracked.set_tags(found)
        for name, reason in found.items():
            self.observer.say(f"warning: {name}: {reason}")
        return method, fitted

    def _missed(self, fitted: Fit) -> dict[str, str]:
        """A bar that no epoch has reached, as a tag."""
        value = fitted.best.validation.value
        if self.bar is None or self.bar.reached(value):
            return {}
        k = self.spec.evaluation.headline_k
        asked = f"validation NDCG@{k} {self.bar.required:.4f}, which {self.spec.training.selection} asks for"
        return {NONE_QUALIFIES: f"no epoch reaches {asked}: the most accurate one is kept, with {value:.4f}"}

    def _record(self, epoch: Epoch) -> None:
        """Write an epoch's curves and show it."""
        report, metrics, k = epoch.report, epoch.validation.metrics, self.spec.evaluation.headline_k
        keys = group_keys(self.experiment.trained.membership.names)
        values = {MetricKey("loss"): report.loss, MetricKey("seconds"): epoch.seconds}
        values |= {MetricKey(name): value for name, value in report.values.items()}
        values |= by_group(MetricKey("group_loss"), report.group_losses, keys)
        values |= by_group(MetricKey("group_weight"), report.group_weights, keys)
        self.tracked.log_metrics(as_stored(values, "train") | as_stored(metrics, "epoch"), step=epoch.number)
        ndcg = metrics[MetricKey("ndcg", k)]
        cv = metrics.get(MetricKey("cv", k, self.spec.group), float("nan"))
        self.observer.epoch(epoch.number, self.spec.training.max_epochs, report.loss, ndcg, cv, epoch.best)
        if self.on_epoch is not None:
            self.on_epoch(epoch.number, ndcg)

    def select(self, fitted: Fit, memory: Mapping[str, float]) -> dict[str, float]:
        """The kept epoch's validation metrics become the run's own, with what training took."""
        metrics = as_stored(fitted.best.validation.metrics, "validation")
        metrics |= {
            "best_epoch": fitted.best_epoch,
            "epochs": len(fitted.epochs),
            "training_seconds": fitted.seconds,
            "seconds_per_epoch": fitted.seconds_per_epoch,
            **memory,
        }
        if self.bar is not None:
            k = self.spec.evaluation.headline_k
            metrics |= as_stored({reference_key(k): self.bar.ndcg, required_key(k): self.bar.required})
            self.tracked.set_tags({REFERENCE_RUN: self.bar.run})
        self.tracked.log_metrics(metrics, step=fitted.best_epoch)
        return metrics

    def test(self, method: Method, fitted: Fit, context: Context) -> dict[str, float]:
        """Everything is selected: measure on test data, once, keep the artifacts, show the table."""
        spec, experiment, parts = self.spec, self.experiment, self.experiment.split
        self.observer.stage("test")
        masked = [parts.training, parts.validation]
        reranking = reranking_of(spec, experiment.trained, self.device)
        with mishaps(spec.method, spec.config):
            evaluation = evaluate(
                method.score, parts.test, masked, experiment.definitions, spec.evaluation, self.device, reranking
            )
            found = self._origins(method)
        metrics = metrics_on_test(evaluation) | found
        self.tracked.log_metrics(metrics, step=fitted.best_epoch)
        self.tracked.set_tags(group_tags(evaluation, spec.evaluation.headline_k))
        with tempfile.TemporaryDirectory() as folder:
            with written_into(Path(folder)):
                write_artifacts(Path(folder), spec, experiment, evaluation)
            self.tracked.log_artifacts(Path(folder))
        if context.keep_models and context.tracker.keeps:
            keep_model(self.tracked, Contents.of(method, spec, experiment, self.device), self.observer.say)
        location = context.tracker.location
        self.observer.result(summarise(spec, evaluation, fitted, found, self.tracked.id, location))
        return metrics

    def _origins(self, method: Method) -> dict[str, float]:
        """Where the unfairness comes from, a stage of its own: a whole reference recommender may be trained for it."""
        if not self.spec.evaluation.origins or method.representations() is None:
            return {}
        self.observer.stage("where unfairness comes from")
        return origins(method, self.spec, self.experiment, self.device, self.observer.progress)


def _log_dataset(tracked: TrackedRun, experiment: Experiment) -> None:
    card = experiment.dataset.card
    name, profile = experiment.dataset.name, experiment.profile()
    tracked.log_dataset(name, experiment.digests["data"], card.homepage, "training, validation, test", profile)
