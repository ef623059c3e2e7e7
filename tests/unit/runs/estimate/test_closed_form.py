"""What a fit on a large catalogue takes, told from parts of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from harness.base.streams import Streams
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.plugins import EpochReport, Method, Problem
from harness.runs.estimate.closed_form import LARGE, SECONDS, told_from_parts
from harness.runs.estimate.stopwatch import Stopwatch

CPU = torch.device("cpu")


class Cubic(Method):
    """Takes n³ / 10⁹ seconds of a clock of its own to be fitted, and a second for the scores of each user."""

    name = "cubic"
    summary = "for this test"
    reference = "folklore"
    iterative = False
    now = 0.0
    fitted: list[int] = []  # noqa: RUF012

    def prepare(self, problem: Problem) -> None:
        self.n_items = problem.training.n_items
        assert problem.training.items.max() < self.n_items

    def train_epoch(self) -> EpochReport:
        Cubic.now += self.n_items**3 / 1e9
        self.fitted.append(self.n_items)
        return EpochReport(0.0)

    def score(self, users: torch.Tensor) -> torch.Tensor:
        Cubic.now += len(users)
        return torch.zeros(len(users), self.n_items)

    def state(self) -> dict[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """There is nothing to restore."""


def problem(n_items: int) -> Problem:
    items = np.arange(n_items)
    training = Training(items % 40, items, 40, n_items)
    training = Training(
        *(part[np.lexsort((items, items % 40))] for part in (training.users, training.items)), 40, n_items
    )
    membership = Membership.from_labels("all", "item", [["all"]] * n_items)
    return Problem(training, None, membership, Streams(0), CPU)


@pytest.fixture
def watch() -> Any:
    Cubic.fitted.clear()
    found = Stopwatch(CPU, 1)
    found.now = lambda: Cubic.now  # type: ignore[method-assign]
    return found


def test_a_fit_that_would_take_long_is_told_and_not_made(watch: Any) -> None:
    told = told_from_parts(Cubic, Cubic.Config(), problem(8000), watch)
    assert told is not None
    assert told.seconds == pytest.approx(512.0, rel=1e-6)
    assert told.scoring == pytest.approx(16.0), "a user has four times as many items, each of which adds to four times"
    assert Cubic.fitted == [500, 1000, 2000]


@pytest.mark.parametrize("n_items", [LARGE - 1, LARGE])
def test_one_that_may_as_well_be_made_is(n_items: int, watch: Any) -> None:
    assert n_items < LARGE or (LARGE**3) / 1e9 > SECONDS, "of the second size it is told"
    assert (told_from_parts(Cubic, Cubic.Config(), problem(n_items), watch) is None) == (n_items < LARGE)
