"""Finished runs under a new fairness definition, from the top-K lists that they kept: nothing is trained."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.console import Observer, Summary
from harness.data.grouping import assign
from harness.data.interactions import Test
from harness.errors import BadInput, HarnessError
from harness.evaluate import Evaluation, Fairness, evaluate_lists
from harness.experiment import Experiment, prepare
from harness.overrides import build_spec
from harness.ranking import NO_ITEM, Ranking
from harness.registry import registry
from harness.report.run import LISTS_FILE, SPEC_FILE
from harness.report.tables import read_top_lists
from harness.spec import RunSpec
from harness.track import Tracker

if TYPE_CHECKING:
    import polars as pl


def rescore(
    run_id: str,
    fairness: str,
    *,
    tracker: Tracker,
    observer: Observer | None = None,
    data_folder: Path | None = None,
    offline: bool = False,
) -> Evaluation:
    """Utilities and disparities of a finished run under another definition.

    Args:
        run_id: in the tracking store
        fairness: a registered grouping, or a Python file that defines one
        tracker: where the run was recorded

    Raises:
        BadInput: for an unknown definition.
        HarnessError: where the run kept no lists, or the data are no longer those that it was measured on.
    """
    observer = observer or Observer()
    name = definition_name(fairness)
    spec = build_spec(json.loads(tracker.artifact(run_id, SPEC_FILE)))
    lists = read_top_lists(tracker.artifact(run_id, LISTS_FILE))
    experiment = prepare(spec, observer, data_folder, offline, encode=False)
    ranking = _ranking(lists, experiment, max(spec.evaluation.ks))
    membership = assign(name, spec.groupings.get(name), experiment.corpus, experiment.split.training)
    definition = Fairness.of(registry.get("grouping", name), membership)
    parts = experiment.split
    masked = [parts.training, parts.validation]
    evaluation = evaluate_lists(ranking, parts.test, masked, [definition], spec.evaluation)
    observer.result(_summary(spec, name, evaluation, run_id, tracker.location))
    return evaluation


def definition_name(fairness: str) -> str:
    """The grouping that ``--fairness`` names, after loading its file where it is one."""
    if not fairness.endswith(".py"):
        return str(registry.get("grouping", fairness).name)
    found = [plugin.split(" ", 1) for plugin in registry.add_file(Path(fairness))]
    names = [name for kind, name in found if kind == "grouping"]
    if len(names) != 1:
        raise BadInput(f"--fairness {fairness}: one grouping is needed, the file defines {len(names)}")
    return names[0]


def _ranking(lists: "pl.DataFrame", experiment: Experiment, k: int) -> Ranking:
    """The lists by index, and their hits counted again: a run on other data is refused."""
    corpus, test = experiment.corpus, experiment.split.test
    users = {user: index for index, user in enumerate(corpus.users["user"].to_list())}
    items = {item: index for index, item in enumerate(corpus.items["item"].to_list())}
    if not (set(lists["user"]) <= users.keys() and set(lists["item"]) <= items.keys()):
        raise HarnessError("the run was measured on other data: its lists name users or items that are not there now")
    n_relevant = np.bincount(test.users, minlength=test.n_users)
    ranked = np.flatnonzero(n_relevant)
    table = np.full((test.n_users, k), NO_ITEM, dtype=np.int64)
    hits = np.zeros((test.n_users, k), dtype=bool)
    rows = np.array([users[user] for user in lists["user"]], dtype=np.int64)
    columns = lists["rank"].to_numpy().astype(np.int64) - 1
    table[rows, columns] = np.array([items[item] for item in lists["item"]], dtype=np.int64)
    hits[rows, columns] = lists["hit"].to_numpy()
    if not np.array_equal(hits, _hits(table, test)):
        raise HarnessError("the run was measured on another split: its hits are not those of the test data now")
    return Ranking(ranked, table[ranked], hits[ranked], n_relevant[ranked])


def _hits(table: "np.ndarray", test: Test) -> "np.ndarray":
    keys = np.arange(test.n_users)[:, None] * test.n_items + table
    return np.isin(keys, test.users * test.n_items + test.items) & (table != NO_ITEM)


def _summary(spec: RunSpec, name: str, evaluation: Evaluation, run_id: str, location: str) -> Summary:
    options = spec.evaluation
    title = f"{spec.method} on {spec.dataset_name}, seed {spec.seed}, scored under {name}"
    where = {"run": run_id, "store": location}
    return Summary(
        title,
        name,
        spec.group,
        options.ks,
        options.headline_k,
        evaluation.metrics,
        evaluation.groups,
        evaluation.left_out,
        where,
    )
