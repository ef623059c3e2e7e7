"""Trials that fall behind are stopped, and only those."""

import pytest

from harness.study.pruning import FIRST_EPOCHS, FIRST_TRIALS, Pruned, Pruning

LENGTH = 2 * FIRST_EPOCHS
RIVALS = [[0.1 * (n + 1)] * LENGTH for n in range(8)]
"""Eight trials between 0.1 and 0.8."""


def epochs_of(pruning: Pruning, values: list[float]) -> int:
    """How many epochs a trial lives."""
    for number, value in enumerate(values, 1):
        try:
            pruning(number, value)
        except Pruned:
            return number
    return len(values)


@pytest.mark.parametrize(
    ("value", "lives"), [(0.05, FIRST_EPOCHS), (0.15, FIRST_EPOCHS), (0.45, LENGTH), (0.9, LENGTH)]
)
def test_the_worst_tenth_is_stopped_after_the_first_epochs(value: float, lives: int) -> None:
    assert epochs_of(Pruning(RIVALS), [value] * LENGTH) == lives


def test_what_counts_is_the_best_so_far() -> None:
    assert epochs_of(Pruning(RIVALS), [0.9, *[0.0] * (LENGTH - 1)]) == LENGTH
    assert epochs_of(Pruning(RIVALS), [*[0.0] * (FIRST_EPOCHS - 1), 0.9, *[0.0] * FIRST_EPOCHS]) == LENGTH


def test_nobody_is_stopped_before_there_are_rivals() -> None:
    assert epochs_of(Pruning(RIVALS[: FIRST_TRIALS - 1]), [0.0] * LENGTH) == LENGTH


def test_rivals_that_stopped_early_are_compared_as_far_as_they_went() -> None:
    assert epochs_of(Pruning([curve[: FIRST_EPOCHS - 1] for curve in RIVALS]), [0.0] * LENGTH) == LENGTH, (
        "nobody was there to compare with"
    )
