"""Two runs over the same users: what other users would change of the difference."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from harness.domain.metric_key import MetricKey
from harness.domain.ranking import Ranking
from harness.domain.top_k import Judged
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.evaluation.group_utilities import group_utilities
from harness.evaluation.user_bootstrap import ACCURACY, RESAMPLES, paired_bootstrap
from harness.evaluation.user_outcomes import UserOutcomes, user_outcomes
from harness.plugins.registry import registry
from harness.runs.against import Against
from harness.runs.artifacts import LISTS_FILE, kept_groups
from harness.runs.group_tables import read_top_lists
from harness.runs.kept_file import kept_file
from harness.runs.rescoring import kept_ranking
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar
from harness.track import Tracker

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

LEADING = ("cv", "min25")
"""Disparities of the grouping trained on that every comparison has."""


def ranking_kept_by(run: str, longest: int, experiment: "Experiment", tracker: Tracker) -> Ranking:
    """The lists of a run, ``longest`` long, as rows of the data at hand.

    Raises:
        BadInput: for a run on other data.
        Unavailable, HarnessError: where its lists are damaged, or it has kept none.
    """
    return kept_ranking(read_top_lists(kept_file(tracker, run, LISTS_FILE)), experiment, longest)


def outcomes(ranking: Ranking, experiment: "Experiment", k: int) -> UserOutcomes:
    """What each user adds to NDCG@k and to the utilities of the groups trained on that can be judged."""
    trained = experiment.trained
    top = Judged(ranking, experiment.split.test).at(k)
    judged = trained.judged(group_utilities(top, trained.membership, trained.utility))
    return user_outcomes(top, trained.membership, trained.utility).of_groups(judged)


def differences(
    first: UserOutcomes, second: UserOutcomes, experiment: "Experiment", k: int, resamples: int = RESAMPLES
) -> Mapping[MetricKey, BootstrapDifference]:
    """Second − first in NDCG and in each disparity of the grouping trained on, with intervals over resampled users."""
    trained = experiment.trained
    names = tuple(dict.fromkeys((*LEADING, *trained.disparities)))
    disparities = {name: registry.get("disparity", name).of for name in names}
    keys = {ACCURACY: MetricKey(ACCURACY, k)}
    keys |= {name: MetricKey(name, k, trained.membership.grouping) for name in names}
    found = paired_bootstrap(first, second, disparities, resamples=resamples)
    return {keys[name]: difference for name, difference in found.items()}


def measured_against(bar: Bar, ranking: Ranking, spec: RunSpec, experiment: "Experiment", tracker: Tracker) -> Against:
    """A run, of which ``ranking`` are the lists, beside the one that it was selected by.

    Raises:
        HarnessError: where that one has kept no lists, or what it kept is damaged.
    """
    k, group = spec.evaluation.headline_k, spec.group
    theirs = ranking_kept_by(bar.run, max(spec.evaluation.ks), experiment, tracker)
    found = differences(outcomes(theirs, experiment, k), outcomes(ranking, experiment, k), experiment, k)
    rows = (row for row in kept_groups(tracker, bar.run) if row.grouping == group and row.k == k)
    return Against(bar.reference, bar.run, k, group, found, {row.group: row.utility for row in rows})
