"""Curves over the same seeds: intervals hold together, and verdicts follow from them."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import studentized_range

from harness.stats.one_at_a_time import Effect, effects

STREAM = np.random.default_rng(1)


def test_differences_and_their_margin_are_those_of_least_squares() -> None:
    """One curve: the residual variance of a regression on seeds and values, and Tukey's quantile."""
    table = STREAM.normal(size=(4, 3))
    seeds, values = (np.eye(n)[index.ravel()] for n, index in zip(table.shape, np.indices(table.shape), strict=True))
    design = np.hstack([seeds, values])
    fit = design @ np.linalg.lstsq(design, table.ravel(), rcond=None)[0]
    variance = ((table.ravel() - fit) ** 2).sum() / (3 * 2)
    (found,) = effects({"eta": table}).values()
    assert found.means == pytest.approx(table.mean(axis=0))
    assert found.difference == pytest.approx(np.ptp(table.mean(axis=0)))
    assert found.margin == pytest.approx(studentized_range.ppf(0.95, 3, 6) * sqrt(variance / 4))


def test_what_all_seeds_have_in_common_is_no_chance() -> None:
    """Seeds may differ as they like: a difference that all of them show alike is certain."""
    base = np.array([[0.0], [5.0], [-3.0]])
    found = effects({"eta": base + np.array([0.1, 0.2, 0.4]), "T": base + np.array([0.3, 0.3])})
    assert found["eta"].difference == pytest.approx(0.3)
    assert found["eta"].margin == pytest.approx(0, abs=1e-9)
    assert found["T"].difference == pytest.approx(0)


def test_chance_is_estimated_from_all_curves_and_shared_out_over_them() -> None:
    tables = {"eta": STREAM.normal(size=(3, 3)), "T": STREAM.normal(size=(3, 5))}
    found = effects(tables)
    alone = [effects({name: table})[name] for name, table in tables.items()]
    assert found["T"].margin / found["eta"].margin == pytest.approx(
        studentized_range.ppf(0.975, 5, 12) / studentized_range.ppf(0.975, 3, 12)
    )
    assert [one.means for one in found.values()] == [one.means for one in alone]


def test_intervals_hold_for_all_parameters_at_once() -> None:
    """Without any effect, some parameter is said to decide in at most 5 % of studies (here of 400, ± 3 deviations)."""
    wrong = 0
    for _ in range(400):
        seeds = STREAM.normal(scale=5, size=(3, 1))
        found = effects({str(number): seeds + STREAM.normal(size=(3, 3)) for number in range(6)})
        wrong += any(one.verdict(0.0) == "decides" for one in found.values())
    assert wrong / 400 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 400)


@pytest.mark.parametrize(
    ("difference", "margin", "verdict"),
    [
        (0.20, 0.05, "decides"),
        (0.01, 0.02, "does not matter here"),
        (0.03, 0.01, "does not matter here"),
        (0.04, 0.05, "not told apart from chance"),
        (0.00, 0.20, "not told apart from chance"),
        (0.20, float("nan"), "not tested: one seed"),
    ],
)
def test_verdicts(difference: float, margin: float, verdict: str) -> None:
    assert Effect((0.1,), difference, margin).verdict(negligible=0.05) == verdict


def test_one_seed_says_nothing() -> None:
    (found,) = effects({"eta": [[0.1, 0.9]]}).values()
    assert isnan(found.margin)
    assert found.difference == pytest.approx(0.8)


@pytest.mark.parametrize("table", [[], [[]], [1.0, 2.0]])
def test_no_curve(table: list[float]) -> None:
    with pytest.raises(ValueError, match="eta: a row per seed"):
        effects({"eta": table})
