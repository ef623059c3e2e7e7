"""Finished runs under a new fairness definition, from the top-K lists that they kept: nothing is trained."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.base.errors import BadInput
from harness.base.trees import merged
from harness.domain.ids import indices_of
from harness.domain.ranking import NO_ITEM, Ranking, ranking_of
from harness.evaluation.evaluate import Evaluation, judge
from harness.plugins.registry import registry
from harness.runs.artifacts import LISTS_FILE
from harness.runs.context import Context
from harness.runs.experiment import Experiment, prepare
from harness.runs.group_tables import read_top_lists
from harness.runs.kept_file import kept_file, kept_spec
from harness.runs.observer import Observer
from harness.runs.recorded_hashes import measured_run, require_same_interactions, same_groups
from harness.runs.summary import Summary
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.spec.spec_view import SpecView
from harness.track import RecordedRun
from harness.vectors.hub import network

if TYPE_CHECKING:
    import polars as pl


def rescore(
    run_id: str,
    fairness: str,
    context: Context,
    *,
    options: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Utilities and disparities of a finished run under another definition.

    Args:
        run_id: in the tracking store
        fairness: a registered grouping, or a Python file that defines one
        context: where the run was recorded
        options: the grouping's own; what they do not say is as the run had it, else the default

    Raises:
        BadInput: for an unknown definition, options that it does not have, a run that has not finished or only selects,
            and where the data are no longer those that it was measured on.
        HarnessError: where the run kept no lists.
    """
    tracker, observer = context.tracker, context.observer
    name = definition_name(fairness)
    run = measured_run(run_id, tracker)
    kept = SpecView(kept_spec(tracker, run_id))
    spec = _under(kept.tree, name, options or {})
    lists = read_top_lists(kept_file(tracker, run_id, LISTS_FILE))
    experiment = prepare(spec, context, encode=False)
    if note := require_same_interactions(run_id, run.tags, experiment):
        observer.say(f"warning: {note}")
    ranking = kept_ranking(lists, experiment, max(spec.evaluation.ks))
    parts = experiment.split
    masked = [parts.training, parts.validation]
    with network(allowed=not context.offline):
        evaluation = judge(ranking, parts.test, masked, experiment.definitions, spec.evaluation, groups_alone=True)
    own = name == kept.group
    trained = _trained_on(run, name, experiment, observer, asked_otherwise=bool(options)) if own else ""
    summary = Summary.of(
        evaluation,
        title=f"{kept.label} on {spec.dataset_name}, seed {spec.seed}, scored under {name}",
        headline=name,
        trained=trained,
        ks=spec.evaluation.ks,
        headline_k=spec.evaluation.headline_k,
        where={"run": run_id, "store": tracker.location},
        notes=_counts(spec, evaluation),
    )
    observer.result(summary)
    return evaluation


def _trained_on(
    run: RecordedRun, name: str, experiment: Experiment, observer: Observer, *, asked_otherwise: bool
) -> str:
    """``name``, where the groups scored are those that the run was trained on; else empty, and that is said.

    Args:
        asked_otherwise: whether the definition was given options, so that nobody takes its groups for the run's own
    """
    same = same_groups(run.tags, experiment.trained.membership)
    if same:
        return name
    if same is None:
        observer.say(f"warning: run {run.id} keeps no hash of its groups: whether it was trained on these is not known")
    elif not asked_otherwise:
        observer.say(f"warning: these groups of {name} are not the ones that run {run.id} was trained on")
    return ""


def _under(kept: Mapping[str, Any], name: str, options: Mapping[str, Any]) -> RunSpec:
    """The spec of a run with one definition in the place of its own; the lists are re-ranked already."""
    own = merged(kept.get("groupings", {}).get(name, {}), options)
    tree = {key: value for key, value in kept.items() if key != "rerank"}
    return build_spec(tree | {"group": name, "groups": [name], "groupings": {name: own}})


def definition_name(fairness: str) -> str:
    """The grouping that ``--fairness`` names, after loading its file where it is one."""
    if not fairness.endswith(".py"):
        return registry.get("grouping", fairness).name
    found = [plugin.split(" ", 1) for plugin in registry.add_file(Path(fairness))]
    names = [name for kind, name in found if kind == "grouping"]
    if len(names) != 1:
        raise BadInput(f"--fairness {fairness}: one grouping is needed, the file defines {len(names)}")
    return names[0]


def definition_options(name: str, tree: Mapping[str, Any]) -> dict[str, Any]:
    """A grouping's options from what ``--set`` says: ``bins=10``, or in full ``groupings.popularity.bins=10``.

    Raises:
        BadInput: for options of another grouping, and for those that this one does not have or cannot take.
    """
    short = {key: value for key, value in tree.items() if key != "groupings"}
    full = tree.get("groupings", {})
    if not isinstance(full, Mapping) or not all(isinstance(value, Mapping) for value in full.values()):
        raise BadInput(f"--set groupings: write it as groupings.{name}.KEY=VALUE or as KEY=VALUE")
    for other in full:
        if registry.get("grouping", other).name != name:
            raise BadInput(
                f"--set groupings.{other}: the run is scored under '{name}'; name its options, or --fairness {other}"
            )
    options: dict[str, Any] = short
    for given in full.values():
        options = merged(options, given)
    build_spec({"group": name, "groups": [name], "groupings": {name: options}})
    return options


def kept_ranking(lists: "pl.DataFrame", experiment: Experiment, k: int) -> Ranking:
    """The lists by index, and their hits counted again.

    Raises:
        BadInput: for a run on other data.
    """
    corpus, test = experiment.corpus, experiment.split.test
    rows, shown = indices_of(lists["user"], corpus.users["user"]), indices_of(lists["item"], corpus.items["item"])
    if rows.null_count() or shown.null_count():
        raise BadInput("the run was measured on other data: its lists name users or items that are not there now")
    table = np.full((test.n_users, k), NO_ITEM, dtype=np.int64)
    hits = np.zeros((test.n_users, k), dtype=bool)
    places = rows.to_numpy(), lists["rank"].to_numpy().astype(np.int64) - 1
    table[places] = shown.to_numpy()
    hits[places] = lists["hit"].to_numpy()
    ranking = ranking_of(table, test)
    if hits.sum() != ranking.hits.sum() or not np.array_equal(hits[ranking.users], ranking.hits):
        raise BadInput("the run was measured on another split: its hits are not those of the test data now")
    return ranking


def _counts(spec: RunSpec, evaluation: Evaluation) -> list[str]:
    """How many groups there are, of whom, and how large; and the options that made them."""
    membership = evaluation.tables[0].membership
    sizes = membership.sizes.values()
    who = "items and users" if membership.side == "both" else f"{membership.side}s"
    each = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{max(sizes):,}"
    lines = [f"{spec.group}: {len(sizes):,} groups of {membership.matrix.shape[0]:,} {who}, {each} in each"]
    given = spec.groupings[spec.group].model_dump(mode="json")
    if given:
        lines.append("options: " + ", ".join(f"{key}={json.dumps(value)}" for key, value in given.items()))
    return lines
