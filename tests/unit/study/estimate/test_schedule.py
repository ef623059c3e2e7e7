"""Workers in virtual time."""

import pytest

from harness.study.estimate.schedule import Chain, independent, makespan


@pytest.mark.parametrize(("workers", "seconds"), [(1, 12.0), (2, 6.0), (4, 4.0), (99, 2.0)])
def test_runs_that_wait_for_no_other_are_shared_out(workers: int, seconds: float) -> None:
    assert makespan([independent(2.0, 6)], workers) == seconds


def test_no_number_of_workers_shortens_what_a_search_learns_from() -> None:
    search = Chain(2.0, runs=8, at_once=5)
    assert makespan([search], 1) == 16.0
    assert makespan([search], 5) == 2.0 + 3 * 2.0
    assert makespan([search], 99) == makespan([search], 5)


def test_a_search_that_prunes_makes_one_trial_at_a_time() -> None:
    assert makespan([Chain(2.0, runs=4, at_once=0)], 8) == 8.0


def test_who_is_free_goes_to_the_next_search() -> None:
    searches = [Chain(2.0, runs=4, at_once=0), Chain(1.0, runs=8, at_once=0)]
    assert makespan(searches, 2) == 8.0
    assert makespan(searches, 1) == 16.0


def test_a_long_run_at_the_end_is_waited_for() -> None:
    assert makespan([independent(1.0, 3), independent(5.0)], 2) == 6.0


def test_nothing_takes_no_time() -> None:
    assert makespan([], 3) == 0.0
    assert makespan([independent(1.0, 0)], 3) == 0.0
