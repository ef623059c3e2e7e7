"""What holds for every measure of inequality between groups."""

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.testing.contract import Contract

TOLERANCE = 1e-9


class DisparityContract(Contract[Disparity]):
    """Groups are anonymous, and taking from the better for the worse never makes things less fair.

    Attributes:
        disparity: its registered name
    """

    kind: ClassVar[str] = "disparity"
    disparity: str

    def test_says_which_way_is_better(self) -> None:
        assert self.plugin.better in ("lower", "higher")

    def test_is_a_finite_number_that_leaves_its_input_alone(self) -> None:
        for utilities in samples():
            before = utilities.copy()
            value = self.plugin.of(utilities)
            assert isinstance(value, float)
            assert np.isfinite(value), f"of {utilities}"
            np.testing.assert_array_equal(utilities, before)

    def test_one_group_has_a_value(self) -> None:
        assert np.isfinite(self.plugin.of(np.array([0.3])))

    def test_some_groups_may_get_nothing(self) -> None:
        assert np.isfinite(self.plugin.of(np.array([0.0, 0.0, 0.5])))

    def test_does_not_depend_on_the_order_of_groups(self) -> None:
        for seed, utilities in enumerate(samples()):
            shuffled = np.random.default_rng(seed).permutation(utilities)
            np.testing.assert_allclose(self.plugin.of(shuffled), self.plugin.of(utilities), atol=TOLERANCE)

    def test_a_transfer_from_better_to_worse_is_no_loss(self) -> None:
        """The mean stays and the gap between two groups shrinks (Pigou and Dalton's principle)."""
        for seed, utilities in enumerate(samples()):
            draw, order = np.random.default_rng(seed), np.argsort(utilities)
            low, high = order[np.sort(draw.integers(len(order), size=2))]
            amount = draw.uniform(0, 0.5) * (utilities[high] - utilities[low])
            fairer = utilities.copy()
            fairer[low] += amount
            fairer[high] -= amount
            gain = self.plugin.of(fairer) - self.plugin.of(utilities)
            assert (gain if self.plugin.better == "higher" else -gain) >= -TOLERANCE, f"{utilities} to {fairer}"

    def test_equal_groups_are_at_least_as_fair_as_unequal_ones_of_the_same_mean(self) -> None:
        for utilities in samples():
            gain = self.plugin.of(np.full_like(utilities, utilities.mean())) - self.plugin.of(utilities)
            assert (gain if self.plugin.better == "higher" else -gain) >= -TOLERANCE


def samples(n: int = 40) -> list[npt.NDArray[np.float64]]:
    """Utilities of 1 to 12 groups: spread out, nearly equal and some of them tied."""
    draw = np.random.default_rng(0)
    drawn = []
    for k in range(n):
        size = draw.integers(1, 13)
        spread = draw.uniform(0.001, 1, size) if k % 2 else 0.3 + draw.uniform(0, 1e-3, size)
        drawn.append(np.round(spread, 1) + 0.1 if k % 3 == 0 else spread)
    return drawn
