"""Figures of how cost grows: names that do not overlap, and points that can be compared."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import qpsolvers
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.report.grid import Cell
from harness.report.scaling import COLOURS, DASHES, MARKERS, _comparable, draw_scaling, spread
from harness.study.points import GridPoint
from harness.study.spec import GridSpec, ScalingFigure, load_study

FIGURE = ScalingFigure(file="size", x="a.items", along=("a.users",), metrics=("seconds",))


def cell(method: str, items: int, groups: int, value: float) -> Cell:
    point = GridPoint(f"{items} {groups}", {"a.items": items, "a.users": items, "a.groups": groups})
    return Cell(method, "seconds", "seconds", value, float("nan"), 1, point)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=9), st.floats(0.01, 0.1))
def test_names_are_moved_as_little_as_a_quadratic_programme_says(heights: list[float], gap: float) -> None:
    heights = sorted(heights)
    n = len(heights)
    found = spread(heights, gap)
    assert all(high - low >= gap - 1e-9 for low, high in pairwise(found))
    apart = np.array([np.eye(n)[k] - np.eye(n)[k + 1] for k in range(n - 1)]).reshape(n - 1, n)
    best = qpsolvers.solve_qp(
        np.eye(n), -np.array(heights), apart if n > 1 else None, np.full(n - 1, -gap) if n > 1 else None,
        lb=np.zeros(n), ub=np.ones(n), solver="quadprog",
    )  # fmt: skip
    np.testing.assert_allclose(found, best, atol=1e-6)


def test_a_figure_compares_the_largest_set_of_points_that_agree_in_all_else() -> None:
    cells = [cell("m", *size, 1.0) for size in ((10, 5), (10, 20), (100, 20), (1000, 20), (1000, 50))]
    assert [point.name for point in _comparable(FIGURE, [c.point for c in cells])] == ["10 20", "100 20", "1000 20"]
    groups = FIGURE.model_copy(update={"x": "a.groups", "along": ()})
    assert [point.name for point in _comparable(groups, [c.point for c in cells])] == ["10 5", "10 20"]


def test_a_figure_is_drawn_for_screen_and_print(tmp_path: Path) -> None:
    cells = [cell(method, n, 20, n**power) for method, power in (("a", 1), ("b", 2)) for n in (10, 100)]
    assert draw_scaling(FIGURE, [*cells, cell("never", 10, 20, 0.0)], "study", tmp_path)
    assert (tmp_path / "size.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "size.pdf").read_bytes().startswith(b"%PDF")


def test_one_size_makes_no_figure(tmp_path: Path) -> None:
    assert not draw_scaling(FIGURE, [cell("a", 10, 20, 1.0), cell("a", 100, 5, 1.0)], "study", tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_method_of_the_study_has_a_look_of_its_own() -> None:
    study = load_study("efficiency")
    assert isinstance(study, GridSpec)
    looks = {
        (COLOURS[n % len(COLOURS)], MARKERS[n % len(MARKERS)]) for n in range(len(study.methods))
    }  # dashes only help
    assert len(looks) == len(study.methods)
    assert len(set(COLOURS)) * len(set(MARKERS)) * len(DASHES) > len(study.methods)


def test_the_efficiency_study_has_the_methods_of_the_methods_study() -> None:
    efficiency, methods = load_study("efficiency"), load_study("methods")
    assert set(efficiency.methods) == set(methods.methods)


def test_a_figure_of_what_is_not_measured_is_refused() -> None:
    with pytest.raises(ValidationError, match="shows seconds, which is not among the study's metrics"):
        GridSpec(summary="", methods=("random",), figures=(FIGURE,), budgets={"default": {"seeds": [0]}})
