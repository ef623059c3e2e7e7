"""Fronts against Optuna's and by definition, hypervolumes against Optuna's and by throwing darts."""

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna._hypervolume import compute_hypervolume

from harness.stats.front import Maximise, hypervolume, pareto_front

NDCG_AND_CV: Maximise = (True, False)
NDCG_AND_MIN: Maximise = (True, True)

grid = st.integers(0, 6).map(lambda value: value / 8)  # coarse, so that ties happen
points_of = st.lists(st.tuples(grid, grid), min_size=1, max_size=12)
directions = st.sampled_from([NDCG_AND_CV, NDCG_AND_MIN, (False, True), (False, False)])


def dominated(point: tuple[float, ...], other: tuple[float, ...], maximise: tuple[bool, ...]) -> bool:
    signs = np.where(maximise, 1, -1)
    return bool((signs * other >= signs * point).all() and (signs * other > signs * point).any())


@given(points_of, directions)
def test_the_front_is_what_nobody_dominates(points: list[tuple[float, float]], maximise: Maximise) -> None:
    by_definition = [not any(dominated(p, q, maximise) for q in points) for p in np.array(points)]
    assert pareto_front(points, maximise).tolist() == by_definition


@given(st.lists(st.tuples(grid, grid, grid), min_size=1, max_size=12))
def test_with_another_number_of_objectives_too(points: list[tuple[float, float, float]]) -> None:
    three = (True, False, True)
    by_definition = [not any(dominated(p, q, three) for q in points) for p in np.array(points)]
    assert pareto_front(points, three).tolist() == by_definition
    first = [point[:1] for point in points]
    assert pareto_front(first, [True]).tolist() == [point == max(first) for point in first]


def test_the_front_is_optunas() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    points = np.random.default_rng(0).random((40, 2)).round(1)
    study = optuna.create_study(directions=["maximize", "minimize"])
    for point in points:
        study.add_trial(optuna.trial.create_trial(values=point.tolist()))
    best = {trial.number for trial in study.best_trials}
    assert set(np.flatnonzero(pareto_front(points, NDCG_AND_CV)).tolist()) == best


@given(points_of)
def test_the_hypervolume_is_optunas(points: list[tuple[float, float]]) -> None:
    """Optuna minimises, and takes points that are at least as good as the reference."""
    reference = (0.1, 0.6)
    losses = np.array([(-ndcg, cv) for ndcg, cv in points])
    inside = losses[(losses <= (-0.1, 0.6)).all(axis=1)]
    expected = compute_hypervolume(inside, np.array([-0.1, 0.6])) if len(inside) else 0.0
    assert hypervolume(points, reference, NDCG_AND_CV) == pytest.approx(expected)


def test_the_hypervolume_is_the_share_of_darts_that_hit() -> None:
    stream = np.random.default_rng(3)
    points, reference, n = stream.random((9, 2)), (0.1, 0.05), 40_000
    darts = stream.random((n, 2))
    better = (darts[:, None] <= points).all(axis=2).any(axis=1) & (darts >= reference).all(axis=1)
    assert hypervolume(points, reference, NDCG_AND_MIN) == pytest.approx(better.mean(), abs=4 * 0.5 / np.sqrt(n))


def test_one_point_commands_a_rectangle() -> None:
    assert hypervolume([(0.25, 0.5)], (0.0, 0.75), NDCG_AND_CV) == 0.25 * 0.25
    assert pareto_front([(0.25, 0.5)], NDCG_AND_CV).tolist() == [True]


@pytest.mark.parametrize("point", [(0.0, 0.1), (0.3, 0.75), (-0.1, 0.1), (0.3, 0.9)])
def test_a_point_no_better_than_the_reference_adds_nothing(point: tuple[float, float]) -> None:
    assert hypervolume([point], (0.0, 0.75), NDCG_AND_CV) == 0
    assert hypervolume([(0.25, 0.5), point], (0.0, 0.75), NDCG_AND_CV) == 0.0625


@given(points_of, grid, grid)
def test_another_point_never_takes_volume_away(points: list[tuple[float, float]], ndcg: float, cv: float) -> None:
    before = hypervolume(points, (0.0, 1.0), NDCG_AND_CV)
    after = hypervolume([*points, (ndcg, cv)], (0.0, 1.0), NDCG_AND_CV)
    assert after >= before - 1e-12
    assert hypervolume([*points, *points], (0.0, 1.0), NDCG_AND_CV) == pytest.approx(before)


def test_no_points_have_no_front_and_no_volume() -> None:
    assert pareto_front([], NDCG_AND_CV).tolist() == []
    assert hypervolume([], (0.0, 1.0), NDCG_AND_CV) == 0


@pytest.mark.parametrize("points", [[(0.1, np.nan)], [(0.1, 0.2, 0.3)], [0.1, 0.2]])
def test_what_are_not_points_is_refused(points: list[tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="point"):
        pareto_front(points, NDCG_AND_CV)
