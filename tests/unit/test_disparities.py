"""Disparities: a contract over the registry, the claims of the built-in ones, and numbers by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import variation

from harness.protocols import Disparity
from harness.registry import registry

BUILT_IN = ["cv", "gini", "max_min", "min25", "min_max_ratio", "minimum"]
SCALE_INVARIANT = ["cv", "gini", "min_max_ratio"]
NEUTRAL = {"cv": 0.0, "gini": 0.0, "max_min": 0.0, "min_max_ratio": 1.0}  # the others: the common utility
UTILITIES = hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0.001, 1.0))
BY_HAND = np.array([0.4, 0.1, 0.2, 0.3, 0.5])


def disparity(name: str) -> type[Disparity]:
    found: type[Disparity] = registry.get("disparity", name)
    return found


def test_the_built_in_ones_are_found() -> None:
    assert set(BUILT_IN) <= set(registry.names("disparity"))


@pytest.mark.parametrize("name", registry.names("disparity"))
class TestContract:
    def test_is_described(self, name: str) -> None:
        plugin = disparity(name)
        assert issubclass(plugin, Disparity)
        assert plugin.better in ("lower", "higher")
        assert plugin.summary
        assert plugin.equation
        assert plugin.reference

    @settings(max_examples=30, deadline=None)
    @given(utilities=UTILITIES)
    def test_is_a_finite_number_that_leaves_its_input_alone(self, name: str, utilities: np.ndarray) -> None:
        before = utilities.copy()
        value = disparity(name).of(utilities)
        assert isinstance(value, float)
        assert np.isfinite(value)
        np.testing.assert_array_equal(utilities, before)

    @settings(max_examples=30, deadline=None)
    @given(utilities=UTILITIES, seed=st.integers(0, 1000))
    def test_does_not_depend_on_the_order_of_groups(self, name: str, utilities: np.ndarray, seed: int) -> None:
        shuffled = np.random.default_rng(seed).permutation(utilities)
        assert disparity(name).of(shuffled) == pytest.approx(disparity(name).of(utilities), abs=1e-9)

    def test_some_groups_may_get_nothing(self, name: str) -> None:
        assert np.isfinite(disparity(name).of(np.array([0.0, 0.0, 0.5])))

    @settings(max_examples=30, deadline=None)
    @given(utilities=UTILITIES, data=st.data())
    def test_a_transfer_from_better_to_worse_is_no_loss(
        self, name: str, utilities: np.ndarray, data: st.DataObject
    ) -> None:
        """The mean stays; the gap between two groups shrinks (Pigou–Dalton)."""
        plugin, order = disparity(name), np.argsort(utilities)
        low, high = sorted(data.draw(st.lists(st.integers(0, len(order) - 1), min_size=2, max_size=2)))
        amount = data.draw(st.floats(0, 0.5)) * (utilities[order[high]] - utilities[order[low]])
        fairer = utilities.copy()
        fairer[order[low]] += amount
        fairer[order[high]] -= amount
        gain = plugin.of(fairer) - plugin.of(utilities)
        assert (gain if plugin.better == "higher" else -gain) >= -1e-9


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_utilities_give_the_neutral_value(name: str, n: int) -> None:
    assert disparity(name).of(np.full(n, 0.3)) == pytest.approx(NEUTRAL.get(name, 0.3), abs=1e-12)


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=30, deadline=None)
@given(utilities=UTILITIES, factor=st.floats(0.01, 10))
def test_scale(name: str, utilities: np.ndarray, factor: float) -> None:
    expected = disparity(name).of(utilities) * (1 if name in SCALE_INVARIANT else factor)
    assert disparity(name).of(factor * utilities) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", BUILT_IN)
def test_nothing_for_anybody_is_not_fair(name: str) -> None:
    """Relative measures have no value then (an evaluation names them); absolute ones are 0."""
    value = disparity(name).of(np.zeros(4))
    assert np.isnan(value) if name in SCALE_INVARIANT else value == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cv", np.sqrt(0.02) / 0.3),
        ("gini", 4 / 15),  # Σ_g Σ_h |u_g − u_h| = 4, 2 n² ū = 15
        ("max_min", 0.4),
        ("min25", 0.15),  # ⌈0.25 · 5⌉ = 2 groups
        ("min_max_ratio", 0.2),
        ("minimum", 0.1),
    ],
)
def test_by_hand(name: str, expected: float) -> None:
    assert disparity(name).of(BY_HAND) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "worst"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 3), (18, 5)])
def test_min25_rounds_up(n: int, worst: int) -> None:
    utilities = np.arange(n, dtype=float)
    assert disparity("min25").of(utilities[::-1]) == pytest.approx(utilities[:worst].mean())


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_cv_is_scipys_variation(utilities: np.ndarray) -> None:
    assert disparity("cv").of(utilities) == pytest.approx(float(variation(utilities)), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_gini_is_the_mean_difference(utilities: np.ndarray) -> None:
    pairs = np.abs(utilities[:, None] - utilities).sum()
    expected = pairs / (2 * len(utilities) ** 2 * utilities.mean())
    assert disparity("gini").of(utilities) == pytest.approx(expected, abs=1e-9)
