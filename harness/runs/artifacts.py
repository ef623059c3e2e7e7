"""What a run leaves behind for people: its summary and its artifacts."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.base.checksums import write_sums
from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.data.group_assignment import definition
from harness.domain.group_keys import group_keys
from harness.domain.metric_key import UTILITY, MetricKey, as_stored, of_split
from harness.evaluation.extremes import MANY_GROUPS, by_group, extreme_tags
from harness.evaluation.group_row import GroupRow
from harness.runs.against import AGAINST_FILE, Against, kept_against
from harness.runs.group_figures import group_utilities
from harness.runs.group_tables import GROUPS_CSV, GROUPS_PARQUET, read_groups, write_groups, write_top_lists
from harness.runs.kept_file import SPEC_FILE, kept_file
from harness.runs.summary import Summary
from harness.spec.run_spec import RunSpec
from harness.track import RecordedRun, Tracker
from harness.track.null import NullTracker

if TYPE_CHECKING:
    from harness.evaluation.evaluate import Evaluation
    from harness.runs.experiment import Experiment
    from harness.training.fit import Fit

LISTS_FILE = "top_lists.parquet"


def write_artifacts(
    folder: Path, spec: RunSpec, experiment: "Experiment", evaluation: "Evaluation", against: Against | None
) -> None:
    """The spec, tables of groups and of the reference, top-K lists, figures of groups, and checksums of them all."""
    (folder / SPEC_FILE).write_text(json.dumps(spec.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")
    write_groups(evaluation.groups, folder)
    if against is not None:
        (folder / AGAINST_FILE).write_text(against.as_json(), encoding="utf-8")
    ranking, corpus = evaluation.ranking, experiment.corpus
    users = corpus.users["user"].gather(ranking.users).to_list()
    write_top_lists(folder / LISTS_FILE, users, corpus.items["item"].to_list(), ranking.items, ranking.hits)
    k = spec.evaluation.headline_k
    for membership, utility, disparities, _ in experiment.definitions:
        grouping = membership.grouping
        values = {name: evaluation.metrics.get(MetricKey(name, k, grouping)) for name in disparities}
        group_utilities(
            evaluation.groups,
            grouping=grouping,
            k=k,
            disparities={name.upper(): value for name, value in values.items() if value is not None},
            utility=utility,
            title=spec.view.title,
            file=folder / f"group_utilities_{grouping}.png",
        )
    write_sums(folder)


def metrics_on_test(evaluation: "Evaluation") -> dict[str, float]:
    """All metrics and, of definitions whose groups can be looked through, each group's utility."""
    metrics = dict(evaluation.metrics)
    for table in evaluation.tables:
        names = table.membership.names
        if len(names) <= MANY_GROUPS:
            utilities = {row.group: row.utility for row in table.rows()}
            metrics |= by_group(MetricKey(UTILITY, table.k, table.membership.grouping), utilities, group_keys(names))
    return as_stored(metrics, "test")


def group_tags(evaluation: "Evaluation", k: int) -> dict[str, str]:
    """The extremes at one cut-off of the groupings that have too many groups for a metric of each."""
    tags: dict[str, str] = {}
    for table in evaluation.tables:
        if table.k == k and len(table.membership.names) > MANY_GROUPS:
            tags |= extreme_tags(table.rows(), table.membership.grouping)
    return tags


def summarise(
    spec: RunSpec,
    evaluation: "Evaluation",
    trained: "Fit",
    origins: Mapping[str, float],
    against: Against | None,
    run_id: str,
    location: str,
) -> Summary:
    """The final table of a run that has just been trained."""
    several = "epoch" if len(trained.epochs) == 1 else "epochs"
    took = (
        f"{len(trained.epochs)} {several} in {trained.seconds:.1f} s of training; epoch {trained.best_epoch} kept "
        f"({spec.training.selection} on validation)"
    )
    where, notes = _where(spec, run_id, location, against), [took, *_origin_lines(origins)]
    return Summary.of(evaluation, **_about(spec), where=where, notes=notes, against=against)


def _origin_lines(origins: Mapping[str, float]) -> list[str]:
    """Where the unfairness comes from and how far Z has moved, for people."""
    lines = []
    named = {
        "prior_before_erasure": "prior before erasure",
        "prior": "prior",
        "training": "training",
        "repaired_prior": "repaired prior",
    }
    parts = [
        f"{label} {origins[f'unfairness/{key}']:+.3f}" for key, label in named.items() if f"unfairness/{key}" in origins
    ]
    if parts:
        lines.append(f"unfairness (CV): {', '.join(parts)}")
    if origins.get("drift/distance"):
        lines.append(
            f"drift of Z: ‖Z−Z₀‖/‖Z₀‖ {origins['drift/distance']:.3f}, "
            f"10 nearest neighbours kept {origins['drift/neighbour_overlap']:.0%}"
        )
    return lines


def summarise_finished(spec: RunSpec, finished: RecordedRun, tracker: Tracker) -> Summary:
    """The same table for a run found in the store."""
    groups, against = kept_groups(tracker, finished.id), kept_against(tracker, finished.id)
    return Summary(
        **_about(spec),
        metrics=of_split(finished.metrics, "test"),
        groups=groups,
        left_out=_too_few(spec, groups),
        where=_where(spec, finished.id, tracker.location, against),
        notes=["from the tracking store"],
        against=against,
    )


def _too_few(spec: RunSpec, rows: Sequence[GroupRow]) -> dict[str, list[str]]:
    """By grouping, the groups that its disparities did not count; of those without interactions no row is kept."""
    found: dict[str, list[str]] = {}
    for name in spec.groups:
        least = definition(name, spec.groupings.get(name)).least_test
        own = [row for row in rows if row.grouping == name and row.k == spec.evaluation.headline_k]
        by_start = {f"{side} " if len(least) > 1 else "": count for side, count in least.items()}
        found[name] = [
            row.group
            for row in own
            if any(row.group.startswith(start) and row.interactions < count for start, count in by_start.items())
        ]
    return found


def kept_groups(tracker: Tracker, run_id: str) -> list[GroupRow]:
    """The table of groups, from whichever kind of file the run wrote."""
    try:
        return read_groups(kept_file(tracker, run_id, GROUPS_CSV))
    except (BadInput, Unavailable):  # no such run, or a file that is damaged
        raise
    except HarnessError:
        return read_groups(kept_file(tracker, run_id, GROUPS_PARQUET))


def _about(spec: RunSpec) -> dict[str, Any]:
    """What the summary of a run says of what was asked."""
    options = spec.evaluation
    return {
        "title": spec.view.title,
        "headline": spec.group,
        "trained": spec.group,
        "ks": options.ks,
        "headline_k": options.headline_k,
    }


def _where(spec: RunSpec, run_id: str, location: str, against: Against | None) -> dict[str, str]:
    """The run, and the commands that go on from it."""
    beside = {}
    if against is not None:
        asked = shlex.join(["--dataset", spec.dataset, "--group", spec.group])
        several = f"harness run --study main {asked} --seeds 5"
        beside = {"compare": f"harness compare {against.run} {run_id}", "seeds": several}
    shown = {} if location == NullTracker.location else {"pages": "harness ui"}
    return {"run": run_id, "store": location, **beside, **shown}
