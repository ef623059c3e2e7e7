"""One run, from its spec to its metrics."""

from os import PathLike

from harness.api.asked import spec_of
from harness.api.finished_run import Run
from harness.api.session import session
from harness.runs.run import run as find_or_carry_out
from harness.spec.run_spec import RunSpec
from harness.track import RecordedRun


def run(
    spec: RunSpec,
    *,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    force: bool = False,
    keep_model: bool = True,
    verbose: bool = False,
) -> Run:
    """Prepare, train, select on validation, measure on test once, record; or find that this has been done.

    Args:
        spec: everything that defines the run
        data: a folder that holds the data set's files
        offline: use no network
        tracking_uri: the MLflow store, or ``none``; unset: ``MLFLOW_TRACKING_URI``, else the one in the home folder
        force: train again although a finished run of the same spec, code and machine exists
        keep_model: keep what has been learnt with the run, for :attr:`harness.Run.model`
        verbose: show what the command line shows; else warnings alone

    Raises:
        BadInput: where the request is wrong, before anything expensive.
        HarnessError: where something that the run needs cannot be had, or it failed.

    >>> import harness as h
    >>> spec = h.RunSpec(
    ...     method="ease",
    ...     dataset="long-tail",
    ...     dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3},
    ... )
    >>> run = h.run(spec)
    >>> 0 < run.metrics["test/ndcg_at_20"] < 1
    True
    >>> h.run(spec) == run  # found finished, not trained again
    True
    """
    spec = spec_of(spec, "run")
    with session(store=tracking_uri, data=data, offline=offline, keep_models=keep_model, verbose=verbose) as here:
        done = find_or_carry_out(spec, here, force=force)
        if here.tracker.keeps:
            return Run.of(here.tracker.finished(done.id), here.tracker, spec)
        return Run.of(RecordedRun(done.id, "FINISHED", done.metrics, {}), here.tracker, spec)
