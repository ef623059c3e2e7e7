"""Steps make epochs, epochs make trainings, trainings make runs."""

import pytest

from harness.runs.estimate.cost import Phase, RunCost, TrainingCost, epoch_seconds, growth

THEN_Z = TrainingCost(building=1.0, phases=(Phase(3, 2.0, 0.5, first=4.0), Phase(7, 5.0, 0.5)))


def test_an_epoch_is_its_first_step_and_as_many_usual_ones_as_are_left() -> None:
    assert epoch_seconds([3.0, 1.0, 2.0], around=0.5, whole=11) == pytest.approx(0.5 + 3.0 + 10 * 1.5)
    assert epoch_seconds([3.0, 1.0, 2.0], around=0.5, whole=3) == pytest.approx(6.5), "the whole epoch, as it was"


def test_an_epoch_of_one_step() -> None:
    assert epoch_seconds([2.0], around=1.0, whole=1) == 3.0


@pytest.mark.parametrize(
    ("epochs", "seconds"),
    [(0, 1.0), (1, 1 + 2.5 + 4), (3, 1 + 3 * 2.5 + 4), (4, 1 + 3 * 2.5 + 4 + 5.5), (10, 1 + 7.5 + 4 + 7 * 5.5)],
)
def test_phases_follow_each_other(epochs: int, seconds: float) -> None:
    assert THEN_Z.seconds(epochs) == pytest.approx(seconds)


def test_there_are_no_more_epochs_than_there_may_be() -> None:
    assert THEN_Z.epochs == 10
    assert THEN_Z.seconds() == THEN_Z.seconds(10) == THEN_Z.seconds(99)
    assert THEN_Z.longest.training == 5.0


def test_a_run_is_its_training_and_what_comes_after_it() -> None:
    fresh = TrainingCost(0.5, (Phase(10, 1.0, 0.0),))
    run = RunCost(THEN_Z, test=2.0, origins=3.0, fresh=fresh)
    assert run.seconds() == pytest.approx(THEN_Z.seconds() + 5.0 + 10.5)
    assert run.seconds(1, 2) == pytest.approx(THEN_Z.seconds(1) + 5.0 + 2.5)
    assert RunCost(THEN_Z).seconds() == THEN_Z.seconds()


def test_growth_follows_the_power_law_through_both_sizes() -> None:
    assert growth((100, 200), (1.0, 8.0), 400, most=3.0) == pytest.approx(64.0)
    assert growth((100, 200), (1.0, 4.0), 400, most=3.0) == pytest.approx(16.0)


def test_growth_is_bounded_whatever_noise_says() -> None:
    assert growth((100, 200), (1.0, 100.0), 400, most=3.0) == pytest.approx(800.0)
    assert growth((100, 200), (2.0, 1.0), 400, most=3.0) == pytest.approx(2.0), "at least in proportion"
    assert growth((100, 200), (0.0, 1.0), 400, most=3.0) == pytest.approx(2.0)
