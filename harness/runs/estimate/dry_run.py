"""What a command would do, told without doing it: the spec, what is on record, what is missing, what it will take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.domain.metric_key import MetricKey
from harness.runs.context import Context
from harness.runs.estimate.missing import Missing, missing_of
from harness.runs.estimate.run_estimate import Estimate, estimate_run
from harness.runs.estimate.stopwatch import started_watch
from harness.runs.identity import find_finished
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar, parse
from harness.track import RecordedRun
from harness.vectors.hub import network


@dataclass(frozen=True)
class DryRun:
    """A run that has not been made.

    Attributes:
        spec: what it would be
        run: id of the finished run that stands for it: nothing would be trained; None: there is none
        run_seconds: what that one took once its data were there, where that was kept
        reference: label of the run that it is measured by; empty: there is none
        reference_run: that one's id; None: it is not on record, and would be trained first
        missing: what would be fetched; an estimate can be given once it is here
        estimate: what the run would take; None where it is on record, or something is missing

    >>> import harness as h
    >>> shop = {"n_users": 60, "n_items": 60, "n_groups": 3}
    >>> told = h.dry_run(h.RunSpec(method="random", dataset="long-tail", dataset_options=shop, seed=70))
    >>> told.run, told.missing, told.estimate.run.training.epochs
    (None, (), 1)
    """

    spec: RunSpec
    run: str | None = None
    run_seconds: float | None = None
    reference: str = ""
    reference_run: str | None = None
    missing: tuple[Missing, ...] = ()
    estimate: Estimate | None = None

    @property
    def tree(self) -> Mapping[str, Any]:
        """All of it, as JSON knows it."""
        return {
            "title": self.spec.view.title,
            "digest": self.spec.digest,
            "spec": self.spec.model_dump(mode="json"),
            "on_record": {
                "run": self.run,
                "seconds": self.run_seconds,
                "reference": self.reference or None,
                "reference_run": self.reference_run,
            },
            "missing": [one.tree for one in self.missing],
            "estimate": None if self.estimate is None else self.estimate.tree,
        }


def dry_run(spec: RunSpec, context: Context, *, force: bool = False, whole_process: bool = False) -> DryRun:
    """Look what is on record, and estimate the rest. Nothing is recorded, fetched or kept but caches of data.

    Args:
        force: whether the run would be made although it is on record
        whole_process: whether this process has begun for this call, as a run's would for the run

    Raises:
        BadInput, Unavailable: where the run itself would be refused.
    """
    watch = started_watch(spec.compute, whole_process=whole_process)
    context.observer.say(f"{spec.view.title}; {spec.training.selection} keeps an epoch")
    missing = missing_of(spec, context)
    with network(allowed=False):
        found, reference = _on_record(spec, context, any(one.kind == "encoder" for one in missing))
    known = DryRun(
        spec,
        run=None if found is None else found.id,
        run_seconds=None if found is None else found.metrics.get("run_seconds"),
        reference=reference_of(spec).label if has_reference(spec) else "",
        reference_run=None if reference is None else reference.id,
        missing=missing,
    )
    if missing or (found is not None and not force):
        return known
    with network(allowed=False):
        here = replace(context, offline=True)
        return replace(known, estimate=estimate_run(spec, here, watch, _bar(spec, reference)))


def _on_record(spec: RunSpec, context: Context, blind: bool) -> tuple[RecordedRun | None, RecordedRun | None]:
    """The run, and the one that it is measured by; neither can be told apart from others without the encoder."""
    if blind:
        return None, None
    found = find_finished(spec, context)
    return found, find_finished(reference_of(spec), context) if has_reference(spec) else None


def _bar(spec: RunSpec, reference: RecordedRun | None) -> Bar | None:
    share = parse(spec.training.selection).share
    if share is None or reference is None:
        return None
    ndcg = reference.metrics[str(MetricKey("ndcg", spec.evaluation.headline_k, split="validation"))]
    return Bar(share, reference_of(spec).method, reference.id, ndcg)
