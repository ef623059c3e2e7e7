"""The stages of one run: training, selection on validation data, test."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base import interrupts
from harness.base.errors import HarnessError
from harness.base.garbage import collect_as_usual
from harness.base.writable import written_into
from harness.domain.group_keys import group_keys
from harness.domain.metric_key import MetricKey, as_stored
from harness.domain.ranking import Ranking
from harness.evaluation.evaluate import evaluate
from harness.evaluation.extremes import by_group
from harness.plugins import Method
from harness.plugins.registry import registry
from harness.runs.against import Against
from harness.runs.artifacts import group_tags, metrics_on_test, summarise, write_artifacts
from harness.runs.checkpoints import TrainingCheckpoints
from harness.runs.context import Context
from harness.runs.diagnosis.diagnose import origins, signatures
from harness.runs.diagnosis.signatures import DIVERGED
from harness.runs.experiment import Experiment
from harness.runs.fitted.contents import Contents
from harness.runs.fitted.kept_model import keep_model
from harness.runs.observer import Observer
from harness.runs.paired import measured_against
from harness.spec.run_spec import RunSpec
from harness.spec.selection import NONE_QUALIFIES, REFERENCE_RUN, Bar, reference_key, required_key
from harness.track import TrackedRun, Tracker
from harness.training.fit import Epoch, Fit, fit
from harness.training.mishaps import Diverged, mishaps
from harness.training.validation import reranking_of, validator

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Stages:
    """The stages of a run that has been recorded as begun, in the order in which they happen."""

    spec: RunSpec
    experiment: Experiment
    device: "torch.device"
    tracked: TrackedRun
    observer: Observer
    bar: Bar | None = None
    on_epoch: Callable[[int, float], None] | None = None
    checkpoints: TrainingCheckpoints | None = None
    side_by_side: bool = False

    def train(self) -> tuple[Method, Fit]:
        """The method, fitted and in the state of its best epoch; signatures of failure are tagged and said."""
        spec, experiment = self.spec, self.experiment
        method = registry.get("method", spec.method)(spec.config)
        self.observer.stage(f"training: {spec.method} on {spec.group} groups, {self.device}")
        collect_as_usual()
        try:
            with mishaps(spec.method, spec.config):
                method.prepare(experiment.problem(spec, self.device))
                if line := method.foretold():
                    self.observer.say(line)
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
        """Everything is selected: measure on test data, once, show the table, keep the artifacts."""
        spec, experiment, parts = self.spec, self.experiment, self.experiment.split
        self.observer.stage("test")
        masked = [parts.training, parts.validation]
        reranking = reranking_of(spec, experiment.trained, self.device)
        with mishaps(spec.method, spec.config):
            evaluation = evaluate(
                method.score, parts.test, masked, experiment.definitions, spec.evaluation, self.device, reranking
            )
            found = self._origins(method)
        against = self._against(evaluation.ranking, context.tracker)
        metrics = metrics_on_test(evaluation) | found
        self.tracked.log_metrics(metrics, step=fitted.best_epoch)
        self.tracked.set_tags(group_tags(evaluation, spec.evaluation.headline_k))
        if context.keep_models and context.tracker.keeps:
            keep_model(self.tracked, Contents.of(method, spec, experiment, self.device), self.observer.say)
        location = context.tracker.location
        self.observer.result(summarise(spec, evaluation, fitted, found, against, self.tracked.id, location))
        with tempfile.TemporaryDirectory() as folder:  # figures take a while: whoever waits reads the table meanwhile
            with written_into(Path(folder)):
                write_artifacts(Path(folder), spec, experiment, evaluation, against)
            self.tracked.log_artifacts(Path(folder))
        return metrics

    def _origins(self, method: Method) -> dict[str, float]:
        """Where the unfairness comes from, a stage of its own: a whole reference recommender may be trained for it."""
        if not self.spec.evaluation.origins or method.representations() is None:
            return {}
        self.observer.stage("where unfairness comes from")
        return origins(method, self.spec, self.experiment, self.device, self.observer.progress)

    def _against(self, ranking: Ranking, tracker: Tracker) -> Against | None:
        """The run beside its reference; None where it has none, or cannot be compared: that ends no run."""
        if self.bar is None or not self.side_by_side:
            return None
        try:
            return measured_against(self.bar, ranking, self.spec, self.experiment, tracker)
        except HarnessError as error:
            self.observer.say(f"warning: not compared with {self.bar.reference}: {error}")
            return None
