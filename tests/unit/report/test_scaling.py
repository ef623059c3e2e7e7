"""Figures of how cost grows: names that do not overlap, and points that can be compared."""

from itertools import pairwise

import numpy as np
import pytest
import qpsolvers
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.report.document import Picture, Text
from harness.report.grid.costs import costs_section
from harness.report.scaling import Cell, draw_scaling, held_fixed, spread
from harness.report.style import COLOURS, DASHES, MARKERS
from harness.study.points import GridPoint
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec, ScalingFigure, load_study

FIGURE = ScalingFigure(file="size", x="a.items", along=("a.users",), metrics=("seconds",))

NUMBERS = {"m": 0, "a": 1, "b": 0, "never": 2}


def cell(method: str, items: int, groups: int, value: float) -> Cell:
    point = GridPoint(f"{items} {groups}", {"a.items": items, "a.users": items, "a.groups": groups})
    return Cell(method, "seconds", "seconds", value, point)


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
    groups = FIGURE.model_copy(update={"x": "a.groups", "along": ()})
    for figure, shown, fixed in (
        (FIGURE, [10, 100, 1000], {"groups": 20}),
        (groups, [5, 20], {"items": 10, "users": 10}),
    ):
        drawn = draw_scaling(figure, cells, NUMBERS)
        assert drawn is not None
        assert drawn.axes[0].lines[0].get_xdata().tolist() == shown
        assert held_fixed(figure, cells) == fixed


def test_a_figure_has_a_line_per_method_through_its_means() -> None:
    cells = [cell(method, n, 20, n**power) for method, power in (("a", 1), ("b", 2)) for n in (10, 100)]
    figure = draw_scaling(FIGURE, [*cells, cell("never", 10, 20, 0.0)], NUMBERS)
    assert figure is not None
    (axes,) = figure.axes
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[10, 10], [100, 100]], [[10, 100], [100, 10_000]]]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert held_fixed(FIGURE, cells) == {"groups": 20}


def test_one_size_makes_no_figure() -> None:
    assert draw_scaling(FIGURE, [cell("a", 10, 20, 1.0), cell("a", 100, 5, 1.0)], NUMBERS) is None
    assert draw_scaling(FIGURE, [], NUMBERS) is None


def record(method: str, items: int, seed: int, seconds: float) -> Record:
    spec = {"group": "genre", "evaluation": {"headline_k": 20}}
    point = {"a.items": items, "a.users": items, "a.groups": 20}
    return Record("compare", method, method, "best_ndcg", seed, point, metrics={"seconds": seconds}, spec=spec)


def test_a_report_draws_the_means_over_seeds_and_says_which_figure_is_left_out() -> None:
    groups = FIGURE.model_copy(update={"file": "groups", "x": "a.groups", "along": ()})
    study = GridSpec(
        summary="", methods=("random",), metrics={"seconds": "s"}, figures=(FIGURE, groups),
        budgets={"default": {"seeds": [0, 1]}},
    )  # fmt: skip
    runs = [record("random", n, seed, n * (1 + seed)) for n in (10, 100) for seed in (0, 1)]
    section = costs_section(study, Records("s", "default", {}, tuple(runs)))
    assert section is not None
    picture, left_out = section.blocks
    assert isinstance(picture, Picture)
    assert picture.name == "size"
    assert "groups 20" in picture.caption
    assert picture.figure.axes[0].lines[0].get_xydata().tolist() == [[10, 15], [100, 150]]
    assert isinstance(left_out, Text)
    assert "groups is left out: it needs two values of a.groups" in left_out.text
    assert costs_section(study.model_copy(update={"figures": ()}), Records("s", "default", {}, tuple(runs))) is None


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
    variants = efficiency.variants
    assert set(efficiency.methods) - set(variants) == set(methods.methods)
    assert {variant.method for variant in variants.values()} == {"bifair"}


def test_a_figure_of_what_is_not_measured_is_refused() -> None:
    with pytest.raises(ValidationError, match="shows seconds, which is not among the study's metrics"):
        GridSpec(summary="", methods=("random",), figures=(FIGURE,), budgets={"default": {"seeds": [0]}})
