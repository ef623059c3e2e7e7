"""The mean over data sets against statsmodels' meta-analysis, and what must hold of it."""

import numpy as np
import pytest
from scipy.stats import t as student
from statsmodels.stats.meta_analysis import combine_effects

from harness.stats.random_effects import random_effects

Y, V = np.array([-0.26, -0.08, 0.03, -0.31, -0.15, -0.02]), np.array([4e-4, 9e-4, 2e-3, 5e-4, 1e-3, 3e-3])


def test_mean_interval_and_spread_are_those_of_statsmodels() -> None:
    pooled = random_effects(Y, V)
    oracle = combine_effects(Y, V, method_re="iterated", use_t=True, atol=1e-14)
    assert pooled.mean == pytest.approx(oracle.mean_effect_re, abs=1e-9)
    assert pooled.tau**2 == pytest.approx(oracle.tau2, rel=1e-5)
    low, high = oracle.conf_int()[3]  # random effects, with the scale of Hartung and Knapp, which is 1 here
    assert (pooled.low, pooled.high) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))


def test_where_nothing_differs_it_is_the_mean_by_precision() -> None:
    pooled = random_effects([-0.1, -0.1, -0.1], [1e-3, 2e-3, 4e-3])
    assert (pooled.mean, pooled.tau) == (pytest.approx(-0.1), 0)
    half = student.ppf(0.975, 2) / np.sqrt((1 / np.array([1e-3, 2e-3, 4e-3])).sum())
    assert pooled.high - pooled.mean == pytest.approx(half), "never narrower than if nothing differed"


def test_one_data_set_has_no_interval() -> None:
    pooled = random_effects([-0.2], [0.01])
    assert pooled.mean == -0.2
    assert np.isnan(pooled.low)


def test_the_interval_keeps_its_level_with_few_data_sets() -> None:
    """Of 2,000 draws with four sets that differ, at least 95 % of the intervals hold the mean."""
    rng = np.random.default_rng(0)
    v = np.array([0.01, 0.02, 0.05, 0.01])
    held = 0
    for _ in range(2000):
        y = rng.normal(rng.normal(-0.1, 0.15, 4), np.sqrt(v))
        pooled = random_effects(y, v)
        held += pooled.low <= -0.1 <= pooled.high
    assert held / 2000 >= 0.94


@pytest.mark.parametrize(("y", "v"), [([0.1, 0.2], [0.1]), ([0.1], [0.0]), ([0.1, 0.2], [0.1, -1.0])])
def test_what_has_no_mean_is_refused(y: list[float], v: list[float]) -> None:
    with pytest.raises(ValueError, match="as many variances as effects"):
        random_effects(y, v)
