"""What holds for every metric of top-K lists."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from harness.domain.interactions import Indices, Test, Training
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged, Values
from harness.plugins import Metric
from harness.testing.contract import Contract

N_USERS, N_ITEMS, LENGTH = 12, 15, 6
SEEDS = range(10)


class MetricContract(Contract[Metric]):
    """Users and items are anonymous, and what is below the cut-off is not looked at.

    Attributes:
        metric: its registered name
        bounds: the smallest and the largest value that it can have
    """

    kind: ClassVar[str] = "metric"
    metric: str
    bounds: tuple[float, float] = (-np.inf, np.inf)

    def test_says_which_way_is_better(self) -> None:
        assert self.plugin.better in ("lower", "higher", "neither")

    def test_is_a_finite_number_or_one_of_each_user(self) -> None:
        for seed in SEEDS:
            for k in (1, 3, LENGTH):
                value = self.value(toy_lists(seed), k)
                assert value.shape in ((), (N_USERS,)), "a number, or one of each ranked user"
                assert np.isfinite(value).all()
                assert (value >= self.bounds[0] - 1e-12).all()
                assert (value <= self.bounds[1] + 1e-12).all()

    def test_short_and_empty_lists_are_no_error(self) -> None:
        """Where nothing is listed a metric may be undefined (NaN), never infinite."""
        for fill in (0, 1, None):
            with np.errstate(divide="ignore", invalid="ignore"):
                value = self.value(toy_lists(0).shortened(fill), LENGTH)
            assert not np.isinf(value).any()

    def test_renaming_users_changes_nothing(self) -> None:
        for seed in SEEDS:
            lists = toy_lists(seed)
            order = np.random.default_rng(seed).permutation(N_USERS)
            before, after = self.value(lists, 4), self.value(lists.of_users(order), 4)
            np.testing.assert_allclose(after, before[order] if before.shape else before, rtol=1e-12)

    def test_renaming_items_changes_nothing(self) -> None:
        for seed in SEEDS:
            lists = toy_lists(seed)
            names = np.random.default_rng(seed).permutation(N_ITEMS)
            np.testing.assert_allclose(self.value(lists.with_items(names), 4), self.value(lists, 4), rtol=1e-12)

    def test_what_is_below_the_cut_off_is_not_looked_at(self) -> None:
        for seed in SEEDS:
            lists = toy_lists(seed)
            np.testing.assert_array_equal(self.value(lists, 3), self.value(lists.cut(3), 3))

    def test_leaves_the_lists_alone(self) -> None:
        lists, untouched = toy_lists(0), toy_lists(0)
        self.value(lists, 4)
        np.testing.assert_array_equal(lists.items, untouched.items)
        np.testing.assert_array_equal(lists.targets, untouched.targets)

    def value(self, lists: "Lists", k: int) -> Values:
        """The metric of the first ``k`` of every list, shape () or (u,)."""
        return np.asarray(self.plugin.of(lists.judged().at(k)), dtype=np.float64)


@dataclass(frozen=True)
class Lists:
    """Everybody's list, targets and training items.

    Attributes:
        items: shape (u, K), -1 where a list has ended
        targets, trained: shape (u, n_items)
    """

    items: Indices
    targets: npt.NDArray[np.bool_]
    trained: npt.NDArray[np.bool_]

    def judged(self) -> Judged:
        """As metrics get them."""
        n_users, n_items = self.targets.shape
        hits = np.take_along_axis(self.targets, self.items, axis=1) & (self.items != NO_ITEM)
        ranking = Ranking(np.arange(n_users), self.items, hits, self.targets.sum(axis=1))
        users, items = np.nonzero(self.targets)
        trained_users, trained_items = np.nonzero(self.trained)
        target = Test(users, items, n_users, n_items)
        return Judged(ranking, target, [Training(trained_users, trained_items, n_users, n_items)])

    def of_users(self, order: Indices) -> "Lists":
        """The same users in another order."""
        return Lists(self.items[order], self.targets[order], self.trained[order])

    def with_items(self, names: Indices) -> "Lists":
        """Item i is called ``names[i]``."""
        back = np.argsort(names)
        return Lists(
            np.where(self.items == NO_ITEM, NO_ITEM, names[self.items]), self.targets[:, back], self.trained[:, back]
        )

    def cut(self, k: int) -> "Lists":
        """The first k of every list."""
        return Lists(self.items[:, :k], self.targets, self.trained)

    def shortened(self, fill: int | None) -> "Lists":
        """Lists of ``fill`` items, or of different lengths from 0 on."""
        lengths = np.arange(len(self.items)) % (LENGTH + 1) if fill is None else np.full(len(self.items), fill)
        return Lists(np.where(np.arange(LENGTH) < lengths[:, None], self.items, NO_ITEM), self.targets, self.trained)


def toy_lists(seed: int) -> Lists:
    """Random full lists; everybody has three training items, which are neither listed nor targets, and a target."""
    draw = np.random.default_rng(seed)
    items = np.stack([draw.permutation(N_ITEMS) for _ in range(N_USERS)])
    trained, targets = np.zeros((2, N_USERS, N_ITEMS), dtype=bool)
    np.put_along_axis(trained, items[:, :3], True, axis=1)
    np.put_along_axis(targets, items[:, 3:], draw.random((N_USERS, N_ITEMS - 3)) < 0.4, axis=1)
    targets[np.arange(N_USERS), items[:, draw.integers(3, N_ITEMS)]] = True
    return Lists(items[:, 3 : 3 + LENGTH].copy(), targets, trained)
