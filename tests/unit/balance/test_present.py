"""Groups with too few rows are taken together: the same weights and gradients, from fewer columns."""

from typing import Any

import pytest
import torch

from harness.balance.balancing_options import BalancedConfig
from harness.balance.group_gradients import group_gradients
from harness.balance.level import Level
from harness.balance.weighting import GroupWeighting, WeightingOptions
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import info_nce
from harness.plugins import GroupSignals
from harness.plugins.registry import registry

USERS, ITEMS, ROWS, K, TEMPERATURE = 30, 40, 300, 12, 0.2
DRAW = torch.Generator().manual_seed(0)
STACKED = torch.nn.functional.normalize(torch.randn(USERS + ITEMS, 6, generator=DRAW, dtype=torch.float64))
BATCH = Batch(
    torch.randint(USERS, (ROWS,), generator=DRAW),
    torch.randint(ITEMS, (ROWS,), generator=DRAW),
    torch.randint(ITEMS, (ROWS, 9), generator=DRAW),
)


def long_tailed() -> torch.Tensor:
    """C of rows in one or two groups, (ROWS, K): many in the first, few in the last ones, none in the very last."""
    first, second = (((K - 1) * torch.rand(ROWS, generator=DRAW) ** 3).long() for _ in range(2))
    C = torch.nn.functional.one_hot(first, K) + torch.nn.functional.one_hot(second, K)
    return C.double() / C.sum(1, keepdim=True)


SHARES = long_tailed()
SOME, NONE = 30, 10_000  # rows that a group needs: some groups have them, none has


def level(balancer: str, min_rows: int, gamma: float) -> Level:
    config = BalancedConfig(balancer=balancer, min_rows=min_rows, gamma=gamma, temperature=TEMPERATURE)
    return config.level(SHARES.sum(0) / ROWS, 0.01)


def every_balancer() -> list[str]:
    return [name for name in registry.names("balancer") if registry.get("balancer", name).needs_gradients]


@pytest.mark.parametrize("balancer", every_balancer())
@pytest.mark.parametrize("gamma", [1.0, 0.5])
@pytest.mark.parametrize("min_rows", [1, SOME, NONE])
def test_the_gradient_is_that_of_the_weighted_loss(balancer: str, gamma: float, min_rows: int) -> None:
    factors = Factors(STACKED.clone().requires_grad_(True), USERS)
    found = level(balancer, min_rows, gamma).balance(factors, BATCH, SHARES, (factors.stacked,))
    F = found.row_weights @ info_nce(factors, BATCH, TEMPERATURE)
    (expected,) = torch.autograd.grad(F, factors.stacked)
    torch.testing.assert_close(found.gradients[0], expected, rtol=0, atol=1e-12)
    assert F.item() == pytest.approx((found.weights @ found.losses.losses).item(), rel=1e-12)
    assert found.weights.sum().item() == pytest.approx(1)


class Listening:
    """A balancer that keeps what it hears and weighs what is present equally."""

    def __init__(self) -> None:
        self.heard: list[GroupSignals] = []

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        self.heard.append(signals)
        return signals.present.double() / signals.present.sum().clamp(min=1)


def weighting(rule: Any, **options: Any) -> GroupWeighting:
    return GroupWeighting(rule, SHARES.sum(0) / ROWS, WeightingOptions(**options))


@pytest.mark.parametrize("gamma", [1.0, 0.5])
@pytest.mark.parametrize("min_rows", [1, SOME, NONE])
def test_a_balancer_hears_what_it_would_hear_of_all_groups(gamma: float, min_rows: int) -> None:
    one, other = Listening(), Listening()
    factors = Factors(STACKED, USERS)
    ours = weighting(one, min_rows=min_rows, gamma=gamma)
    present = ours.columns(SHARES)
    grouped, G = group_gradients(factors, BATCH, SHARES, TEMPERATURE, present.shares)
    w = ours.refresh(grouped, present.own(G.gram()))
    every, all_of_them = group_gradients(factors, BATCH, SHARES, TEMPERATURE)
    expected = weighting(other, min_rows=min_rows, gamma=gamma).refresh(every, all_of_them.gram())
    torch.testing.assert_close(w, expected, rtol=0, atol=1e-13)
    for name in ("losses", "gram", "scale", "present"):
        torch.testing.assert_close(getattr(one.heard[0], name), getattr(other.heard[0], name), rtol=1e-12, atol=1e-15)
    by_column = G.weighted(present.weights(w))
    torch.testing.assert_close(by_column, all_of_them.weighted(w), rtol=0, atol=1e-14)


@pytest.mark.parametrize(("min_rows", "gamma", "others"), [(1, 0.5, 1), (SOME, 1.0, 0), (SOME, 0.5, 1), (NONE, 1.0, 1)])
def test_a_column_for_each_group_with_enough_rows_and_one_for_the_others_where_they_weigh(
    min_rows: int, gamma: float, others: int
) -> None:
    present = weighting(Listening(), min_rows=min_rows, gamma=gamma).columns(SHARES)
    enough = ((SHARES > 0).sum(0) >= min_rows).nonzero().squeeze(1)
    assert present.groups.tolist() == enough.tolist()
    assert present.shares.shape == (ROWS, len(enough) + others)
    assert len(enough) < K, "the last group has no rows at all"
    if others:
        torch.testing.assert_close(present.shares.sum(1), torch.ones(ROWS, dtype=torch.float64))
