"""One run: prepare, train, select on validation, measure on test once, record everything."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.compute import set_up
from harness.console import Observer
from harness.evaluate import Evaluation, evaluate, validate
from harness.experiment import Experiment, coverage, prepare
from harness.metrics.keys import at, group_keys
from harness.protocols import Method
from harness.registry import registry
from harness.report.run import summarise, summarise_finished, write_artifacts
from harness.spec import RunSpec
from harness.track import FinishedRun, TrackedRun, Tracker
from harness.track.environment import environment_tags
from harness.train import Epoch, Fit, ValidationScore, fit

# What must agree for a finished run to stand for a new one: the spec, the code, and the machine's arithmetic.
IDENTITY = ("spec", "evaluated", "code", "device", "threads", "version.torch")


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
    *,
    tracker: Tracker,
    observer: Observer | None = None,
    data_folder: Path | None = None,
    offline: bool = False,
    force: bool = False,
    experiment: Experiment | None = None,
    parent: str | None = None,
    on_start: Any = None,
    touch_test: bool = True,
) -> RunResult:
    """Carry out ``spec``, or find it finished.

    Args:
        tracker: where it is recorded
        observer: told of everything; silent by default
        data_folder: a folder that holds the data set's files
        offline: use no network
        force: train again although a finished run of the same spec, code and machine exists
        experiment: prepared data to use where it fits the spec (trials of a study share it)
        parent: id of the run that this one belongs to
        on_start: told the run's id once it is recorded as begun
        touch_test: False for runs that only select: their test data stays untouched
    """
    observer = observer or Observer()
    device = set_up(spec.compute)
    tags = _tags(spec, str(device), touch_test)
    if not force and (finished := tracker.find_finished({key: tags[key] for key in IDENTITY})):
        return _found(spec, finished, tracker, observer, touch_test)
    if experiment is None or experiment.covers != coverage(spec):
        experiment = prepare(spec, observer, data_folder, offline)
    tags |= {f"hash.{name}": digest for name, digest in experiment.digests.items()}
    name = f"{spec.method} {spec.dataset} seed {spec.seed}"
    with tracker.start(name, spec.flat(), tags, parent) as tracked:
        if on_start is not None:
            on_start(tracked.id)
        _log_dataset(tracked, experiment)
        method: Method = registry.get("method", spec.method)(spec.config)
        observer.stage(f"training: {spec.method} on {spec.group} groups, {device}")
        method.prepare(experiment.problem(spec, device))
        trained = fit(
            method, _validator(spec, experiment, str(device)), spec.training, _recorder(spec, tracked, observer)
        )
        tracked.set_tags(method.tags())
        metrics = _selected(trained)
        if touch_test:
            observer.stage("test")
            parts = experiment.split
            evaluation = evaluate(
                method.score,
                parts.test,
                [parts.training, parts.validation],
                experiment.definitions,
                spec.evaluation,
                device,
            )
            metrics |= _test_metrics(evaluation)
            _keep_artifacts(tracked, spec, experiment, evaluation)
        tracked.log_metrics(metrics, step=trained.best_epoch)
    if touch_test:
        observer.result(summarise(spec, evaluation, trained, method.tags(), tracked.id, tracker.location))
    return RunResult(tracked.id, metrics, reused=False)


def _tags(spec: RunSpec, device: str, touch_test: bool) -> dict[str, str]:
    import torch

    own = {
        "spec": spec.digest,
        "method": spec.method,
        "dataset": spec.dataset,
        "group": spec.group,
        "seed": str(spec.seed),
        "evaluated": "test" if touch_test else "validation",
    }
    return environment_tags(device, torch.get_num_threads()) | own


def _found(spec: RunSpec, finished: FinishedRun, tracker: Tracker, observer: Observer, touch_test: bool) -> RunResult:
    observer.say(f"finished before as run {finished.id}: not trained again (--force trains again)")
    if touch_test:
        observer.result(summarise_finished(spec, finished, tracker))
    return RunResult(finished.id, finished.metrics, reused=True)


def _log_dataset(tracked: TrackedRun, experiment: Experiment) -> None:
    card = experiment.dataset.card
    name, profile = experiment.dataset.name, experiment.profile()
    tracked.log_dataset(name, experiment.digests["data"], card.homepage, "training, validation, test", profile)


def _validator(spec: RunSpec, experiment: Experiment, device: str) -> Any:
    """What judges an epoch: the selection rule ``best_ndcg`` compares validation NDCG at the headline cut-off."""
    parts, headline = experiment.split, at("ndcg", spec.evaluation.headline_k)

    def judge(method: Method) -> ValidationScore:
        scored = validate(method.score, parts.validation, [parts.training], experiment.trained, spec.evaluation, device)
        return ValidationScore(scored.metrics[headline], dict(scored.metrics))

    return judge


def _recorder(spec: RunSpec, tracked: TrackedRun, observer: Observer) -> Any:
    """Writes every epoch's curves and tells the observer."""
    k = spec.evaluation.headline_k

    def record(epoch: Epoch) -> None:
        report = epoch.report
        keys = group_keys({*report.group_losses, *report.group_weights})
        values = {"train/loss": report.loss, "train/seconds": epoch.seconds}
        values |= {f"train/{name}": value for name, value in report.values.items()}
        values |= {f"train/group_loss/{keys[name]}": value for name, value in report.group_losses.items()}
        values |= {f"train/group_weight/{keys[name]}": value for name, value in report.group_weights.items()}
        values |= {f"epoch/{name}": value for name, value in epoch.validation.metrics.items()}
        tracked.log_metrics(values, step=epoch.number)
        metrics = epoch.validation.metrics
        cv = metrics.get(at(f"{spec.group}/cv", k), float("nan"))
        observer.epoch(epoch.number, spec.training.max_epochs, report.loss, metrics[at("ndcg", k)], cv, epoch.best)

    return record


def _selected(trained: Fit) -> dict[str, float]:
    """The kept epoch as the run's own values."""
    values = {f"validation/{name}": value for name, value in trained.best.validation.metrics.items()}
    return values | {
        "best_epoch": trained.best_epoch,
        "epochs": len(trained.epochs),
        "training_seconds": trained.seconds,
    }


def _test_metrics(evaluation: Evaluation) -> dict[str, float]:
    metrics = {f"test/{name}": value for name, value in evaluation.metrics.items()}
    for grouping in {row.grouping for row in evaluation.groups}:
        rows = [row for row in evaluation.groups if row.grouping == grouping]
        keys = group_keys({row.group for row in rows})
        metrics |= {f"test/{at(f'{grouping}/utility', row.k)}/{keys[row.group]}": row.utility for row in rows}
    return metrics


def _keep_artifacts(tracked: TrackedRun, spec: RunSpec, experiment: Experiment, evaluation: Evaluation) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_artifacts(Path(folder), spec, experiment, evaluation)
        tracked.log_artifacts(Path(folder))
