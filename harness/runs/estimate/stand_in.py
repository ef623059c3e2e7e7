"""Data for a rehearsal: validation data stand in for test data, which nobody looks at before a run is measured."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from harness.data.user_sample import with_sampled_users
from harness.domain.interactions import Indices, Interactions, Split, Test, Validation
from harness.runs.experiment import Experiment

MOST_SCORES = 2**25
"""Scores of a rehearsal's rankings, about: of more users a sample is ranked."""
NEARLY_ALL = 1.1
"""Real users for each one of the sample up to which the sample counts as all of them."""
EIGHT = 8


@dataclass(frozen=True)
class StandIn:
    """An experiment whose validation data are half of the real ones, the other half being test data.

    Attributes:
        experiment: the same in all else
        validated, tested: users ranked in the real validation and test data for each one that is ranked here
    """

    experiment: Experiment
    validated: float
    tested: float

    def scaled(self, seconds: Callable[[Experiment], float], real: float) -> float:
        """What something takes on ``real`` times as many users, from what it takes on these.

        Where they are fewer than there are, on an eighth of them as well: what does not grow with users is told apart.

        Args:
            seconds: does it once, and measures it; the first time may take longer
        """
        first = seconds(self.experiment)
        if real <= NEARLY_ALL:
            return first
        again, less = seconds(self.experiment), seconds(_eighth(self.experiment))
        return first + max(0.0, again - less) / (1 - 1 / EIGHT) * (real - 1)


def stand_in(experiment: Experiment, seed: int, most_scores: int = MOST_SCORES) -> StandIn:
    """Few enough users for ``most_scores``; at least one.

    Args:
        seed: of their sample
    """
    parts = experiment.split
    few = with_sampled_users(parts, max(EIGHT, most_scores // parts.training.n_items), seed).validation
    halves = [np.arange(first, len(few), 2) for first in (0, 1)] if len(few) > 1 else [np.arange(len(few))] * 2
    validation, test = Validation(*_of(few, halves[0])), Test(*_of(few, halves[1]))
    here = replace(experiment, split=Split(parts.training, validation, test, parts.digest))
    real, taken = (
        [len(ranked(part)) for part in pair] for pair in ((parts.validation, parts.test), (validation, test))
    )
    return StandIn(here, real[0] / taken[0], real[1] / taken[1])


def _eighth(experiment: Experiment) -> Experiment:
    """With the test data of every eighth user."""
    parts = experiment.split
    chosen = np.flatnonzero(np.isin(parts.test.users, ranked(parts.test)[::EIGHT]))
    test = Test(*_of(parts.test, chosen))
    return replace(experiment, split=Split(parts.training, parts.validation, test, parts.digest))


def ranked(part: Interactions) -> Indices:
    """Users with something to find."""
    return np.unique(part.users)


def _of(part: Interactions, chosen: Indices) -> tuple[Indices, Indices, int, int]:
    return part.users[chosen], part.items[chosen], part.n_users, part.n_items
