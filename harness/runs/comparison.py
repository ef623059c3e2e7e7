"""Finished runs side by side: what they were asked, what they reached, and what other users would change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from string import ascii_uppercase
from typing import Any

from harness.base.errors import BadInput
from harness.base.trees import as_assigned, flatten
from harness.domain.metric_key import MetricKey, of_split
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.evaluation.user_bootstrap import RESAMPLES
from harness.runs.context import Context
from harness.runs.experiment import Experiment, groups_digest, prepare
from harness.runs.kept_file import kept_spec
from harness.runs.paired import LEADING, differences, outcomes, ranking_kept_by
from harness.runs.recorded_hashes import judged_otherwise, measured_run, require_same_interactions, same_groups
from harness.spec.build import build_spec
from harness.spec.spec_view import SpecView
from harness.stats.user_tests import UserTests, user_tests
from harness.track import Tracker
from harness.track.names import clean_name
from harness.vectors.hub import network

ABSENT = "–"


@dataclass(frozen=True)
class ComparedRun:
    """A finished run.

    Attributes:
        letter: its name in the comparison: A, B, …
        id: in the tracking store
        spec: as the run kept it
        metrics: of test data, by key, which names no split
        tags: as recorded
    """

    letter: str
    id: str
    spec: SpecView
    metrics: Mapping[MetricKey, float]
    tags: Mapping[str, str]


MEASURED_ON: Mapping[str, Callable[[ComparedRun], Any]] = {
    "data": lambda run: run.tags.get("hash.data"),
    "split": lambda run: run.tags.get("hash.split"),
    "users": lambda run: run.spec.tree["evaluation"].get("users"),
}
"""What compared runs have in common."""


@dataclass(frozen=True)
class Comparison:
    """Runs on the same data and split.

    Attributes:
        runs: at least two; the others are compared with the first
        k: the first run's headline cut-off
        group: the grouping that the first run was trained on
        differences: for each run but the first, its metrics minus the first one's over resampled users, by key
        tests: for each run but the first, whether its NDCG at ``k`` differs from the first one's by user
        resamples: how many
        n_users: how many users are resampled
    """

    runs: Sequence[ComparedRun]
    k: int
    group: str
    differences: Sequence[Mapping[MetricKey, BootstrapDifference]]
    tests: Sequence[UserTests]
    resamples: int
    n_users: int

    def metric_keys(self, everything: bool = False) -> list[MetricKey]:
        """The test metrics of the runs in the order of a table: the headline's first.

        Those are NDCG and recall, then CV and MIN of the grouping trained on, at the headline cut-off. The others
        follow by name; other cut-offs and single groups' utilities only where ``everything`` is asked for.
        """
        headline = [MetricKey("ndcg", self.k), MetricKey("recall", self.k)]
        headline += [MetricKey(name, self.k, self.group) for name in LEADING]
        known = {key for run in self.runs for key in run.metrics}
        rest = known if everything else {key for key in known if key.k == self.k and not key.group}
        ordered = sorted(rest - set(headline), key=lambda key: (bool(key.grouping), str(key)))
        return [key for key in headline if key in known] + ordered


def compare(
    run_ids: Sequence[str],
    context: Context,
    *,
    resamples: int = RESAMPLES,
) -> Comparison:
    """Compare finished runs; nothing is trained. Intervals come from the top-K lists that the runs kept.

    Raises:
        BadInput: for fewer than two runs, one given twice or not finished, one without test metrics, for runs on
            different data or splits, and where data or groups are no longer those that they were measured on.
    """
    tracker, observer = context.tracker, context.observer
    runs = finished_runs(run_ids, tracker)
    first = runs[0].spec
    k = first.k
    for run in runs:
        if run.spec.longest < k:
            kept = f"run {run.id} kept lists of {run.spec.longest}"
            raise BadInput(f"{kept}: metrics @{k} cannot be compared; name it first")
    asked = {key: value for key, value in first.tree.items() if key != "rerank"}  # the lists are re-ranked already
    spec = build_spec(asked | {"groups": [first.group]})
    experiment = prepare(spec, context, encode=False)
    others = (_same_groups(runs[0], other, first.group) for other in runs[1:])
    for note in chain(_checked(runs[0], experiment), *others):
        observer.say(f"warning: {note}")
    for run in runs:
        if note := judged_otherwise(run.id, run.tags, experiment.trained):
            observer.say(f"warning: {note}")
    rankings = [ranking_kept_by(run.id, run.spec.longest, experiment, tracker) for run in runs]
    everyone, *rest = (outcomes(ranking, experiment, k) for ranking in rankings)
    with network(allowed=not context.offline):
        found = [differences(everyone, other, experiment, k, resamples) for other in rest]
    tests = [user_tests(everyone.accuracy, other.accuracy) for other in rest]
    return Comparison(runs, k, spec.group, found, tests, resamples, len(everyone.users))


def _checked(first: ComparedRun, experiment: Experiment) -> Iterator[str]:
    """What cannot be checked of the first run's data and groups, which all runs have in common.

    Raises:
        BadInput: where they have changed: recorded metrics and intervals would be of different things.
    """
    changed = require_same_interactions(first.id, first.tags, experiment)
    membership = experiment.trained.membership
    same = same_groups(first.tags, membership)
    if same is False or (same is None and changed):
        why = changed or f"the definition of {membership.grouping} gives other groups than in run {first.id}"
        raise BadInput(
            f"{why}: its recorded metrics cannot be compared under today's groups; "
            f"'harness evaluate RUN --fairness {membership.grouping}' scores a run under them"
        )
    if changed:
        yield changed
    if same is None:
        yield f"run {first.id} keeps no hash of its groups: whether those of today are the same cannot be checked"


def _same_groups(first: ComparedRun, other: ComparedRun, group: str) -> Iterator[str]:
    """The groupings whose recorded metrics are of other groups in ``other`` than in the first run, in lines.

    Raises:
        BadInput: where ``group``, which the first run was trained on, is among them.
    """
    prefix, trained = f"hash.{groups_digest('')}", clean_name(f"hash.{groups_digest(group)}")
    shared = [tag for tag in first.tags if tag.startswith(prefix) and tag in other.tags]
    for tag in (tag for tag in shared if first.tags[tag] != other.tags[tag]):
        differ = f"{tag.removeprefix(prefix)} has other groups in run {other.id} than in run {first.id}"
        if tag == trained:
            raise BadInput(
                f"{differ}: their recorded metrics cannot be compared; "
                f"'harness evaluate RUN --fairness {group}' scores each under today's"
            )
        yield f"{differ}: their metrics of it are of different things"


def finished_runs(run_ids: Sequence[str], tracker: Tracker) -> list[ComparedRun]:
    """The runs, checked to be comparable.

    Raises:
        BadInput: as :func:`compare` says.
    """
    if not 2 <= len(run_ids) <= len(ascii_uppercase):
        raise BadInput(
            f"two to {len(ascii_uppercase)} runs are needed, not {len(run_ids)}: 'harness ui' shows those there are"
        )
    twice = [run_id for run_id in dict.fromkeys(run_ids) if run_ids.count(run_id) > 1]
    if twice:
        raise BadInput(f"run {twice[0]} is given twice")
    runs = [_opened(letter, run_id, tracker) for letter, run_id in zip(ascii_uppercase, run_ids, strict=False)]
    for run in runs[1:]:
        for what, of in MEASURED_ON.items():
            if of(run) != of(runs[0]):
                raise BadInput(_not_comparable(runs[0], run, what))
    return runs


def _opened(letter: str, run_id: str, tracker: Tracker) -> ComparedRun:
    found = measured_run(run_id, tracker)
    spec = SpecView(kept_spec(tracker, run_id))
    return ComparedRun(letter, run_id, spec, of_split(found.metrics, "test"), found.tags)


def _not_comparable(first: ComparedRun, other: ComparedRun, what: str) -> str:
    """Why, with the keys that may have made the difference."""
    differing = [key for key in spec_differences([first.spec.tree, other.spec.tree]) if _decides_data(key)]
    because = f": they differ in {', '.join(differing)}" if differing else ""
    hint = "; runs of several seeds share a split under --set data.split_seed=0" if "seed" in differing else ""
    return f"runs {first.id} and {other.id} were not measured on the same {what}{because}{hint}"


def _decides_data(key: str) -> bool:
    return key in ("dataset", "seed", "evaluation.users") or key.startswith(("data.", "dataset_options."))


def spec_differences(specs: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The keys whose values are not all equal, with each spec's as ``--set`` would take it, or ``ABSENT``."""
    flat = [flatten(spec) for spec in specs]
    keys = dict.fromkeys(key for spec in flat for key in spec)
    shown = {key: [as_assigned(spec[key]) if key in spec else ABSENT for spec in flat] for key in keys}
    return {key: values for key, values in shown.items() if len(set(values)) > 1}
