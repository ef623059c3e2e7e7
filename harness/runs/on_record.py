"""A run that is on record, shown as one that has just been trained."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.plugins.registry import registry
from harness.plugins.source_code import changed_since
from harness.runs.artifacts import summarise_finished
from harness.runs.checkpoints import forget_checkpoints
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.plugin_code import sources_of
from harness.spec.run_spec import RunSpec
from harness.track import RecordedRun


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


def reused(spec: RunSpec, finished: RecordedRun, context: Context, touch_test: bool) -> RunResult:
    """A run on record, shown as one that has just been trained."""
    forget_checkpoints(spec, finished)
    context.observer.say(f"finished before as run {finished.id}: not trained again (--force trains again)")
    if touch_test:
        context.observer.result(summarise_finished(spec, finished, context.tracker))
    return RunResult(finished.id, finished.metrics, reused=True)


def say_what_is_odd(spec: RunSpec, observer: Observer) -> None:
    """Warn of plug-ins that are not what they were, or not there."""
    for file in changed_since(sources_of(spec)):
        observer.say(f"warning: {file} has changed since it was loaded: what was loaded is used")
    for name, why in registry.broken("metric").items():
        observer.say(f"warning: metric '{name}' is left out: {why}")
