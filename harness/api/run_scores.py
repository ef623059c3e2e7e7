"""Finished runs under another fairness definition."""

from os import PathLike
from typing import Any

from harness.api.asked import definition_of
from harness.api.comparison_of_runs import store_of
from harness.api.finished_run import Run, id_of
from harness.api.scores import Scores
from harness.api.session import session
from harness.runs.rescoring import definition_name, definition_options
from harness.runs.rescoring import rescore as score_again


def rescore(
    run: Run | str,
    fairness: str | PathLike[str],
    *,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    verbose: bool = False,
    **options: Any,
) -> Scores:
    """Utilities and disparities of a finished run's lists under another definition; nothing is trained.

    Args:
        run: the run, or its id
        fairness: a registered grouping, or a Python file that defines one
        data, offline, tracking_uri, verbose: as for :func:`harness.run`; a run knows its own store
        options: the grouping's own; what they do not say is as the run had it, else the default

    Raises:
        BadInput: for an unknown definition, or options that it does not have.
        HarnessError: where the run kept no lists, or the data are no longer those that it was measured on.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> run = h.run(h.RunSpec(method="most_popular", **shop))
    >>> scores = h.rescore(run, fairness="popularity", bins=3)
    >>> scores.groups.filter(k=20)["group"].to_list()
    ['popularity 1 most', 'popularity 2', 'popularity 3 least']
    >>> scores.metrics.keys() >= {"test/popularity/cv_at_20", "test/popularity/dp_at_20"}
    True
    """
    name = definition_name(definition_of(fairness))  # what is misspelt is found before the store is opened
    checked = definition_options(name, options)
    with session(store=store_of([run], tracking_uri), data=data, offline=offline, verbose=verbose) as here:
        own = id_of(run, here.tracker)
        found = score_again(own, name, here, options=checked)
    ks = tuple(dict.fromkeys(table.k for table in found.tables))
    notes = tuple(dict.fromkeys(note for table in found.tables for note in table.membership.notes))
    return Scores(f"run {own}, scored under {name}", ks, notes, found)
