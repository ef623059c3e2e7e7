"""What a run or a study would do, told without doing it."""

from os import PathLike
from typing import Any

from harness.api.asked import path_of, spec_of
from harness.api.session import session
from harness.api.studies import HowMuch
from harness.plugins.configured import validated
from harness.runs.estimate.dry_run import DryRun
from harness.runs.estimate.dry_run import dry_run as told_of_run
from harness.spec.run_spec import RunSpec
from harness.study.estimate.dry_study import DryStudy, dry_study
from harness.study.study_files import study_name
from harness.study.study_spec import BudgetName, load_study

__all__ = ["DryRun", "DryStudy", "dry_run", "dry_run_study"]


def dry_run(
    spec: RunSpec,
    *,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    force: bool = False,
    keep_model: bool = True,
    verbose: bool = False,
) -> DryRun:
    """What :func:`harness.run` would do: what is on record, what would be fetched, seconds and memory of the rest.

    A few training steps are really made, and what follows training is rehearsed on validation data, which takes
    seconds. Nothing is recorded or fetched; caches of data are filled, and no number of a later run changes.

    Args:
        spec: everything that defines the run
        force: as if the run were not on record
        data, offline, tracking_uri, keep_model, verbose: as for :func:`harness.run`

    Raises:
        BadInput: where the run would be refused.

    >>> import harness as h
    >>> shop = {"n_users": 60, "n_items": 60, "n_groups": 3}
    >>> spec = h.RunSpec(method="random", dataset="long-tail", dataset_options=shop, seed=71)
    >>> told = h.dry_run(spec)
    >>> told.run is None, told.estimate.seconds > 0, told.estimate.peak_memory_mib > 0
    (True, True, True)
    >>> run = h.run(spec)
    >>> h.dry_run(spec).run == run.id  # now it is on record
    True
    """
    spec = spec_of(spec, "dry_run")
    with session(store=tracking_uri, data=data, offline=offline, keep_models=keep_model, verbose=verbose) as here:
        return told_of_run(spec, here, force=force)


def dry_run_study(
    study: str | PathLike[str],
    *,
    budget: BudgetName = "default",
    seeds: int | None = None,
    trials: int | None = None,
    jobs: int = 1,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    verbose: bool = False,
    **spec: Any,
) -> DryStudy:
    """What :func:`harness.run_study` would do; a run of each method at its defaults is rehearsed.

    Args:
        study, budget, seeds, trials, jobs, data, offline, tracking_uri, verbose, spec: as for :func:`harness.run_study`

    Raises:
        BadInput: where the study would be refused.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> told = h.dry_run_study("methods", method="random", budget="smoke", **shop)
    >>> told.runs, told.on_record.runs, told.estimate.seconds > 0
    (1, 0, True)
    """
    name = str(path_of(study, "study"))
    loaded = load_study(name)
    much = {"budget": budget, "seeds": seeds, "trials": trials, "jobs": jobs}
    asked = validated(HowMuch, much, "")
    with session(store=tracking_uri, data=data, offline=offline, verbose=verbose) as here:
        return dry_study(
            study_name(name),
            loaded,
            spec,
            here,
            budget=asked.budget,
            seeds=asked.seeds,
            trials=asked.trials,
            jobs=asked.jobs,
        )
