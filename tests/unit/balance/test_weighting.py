"""From noisy batches to weights: smoothing, absent groups, mixing, refreshing."""

import warnings
from typing import Any

import pytest
import torch

from harness.balance.weighting import GroupWeighting, Smoothed, WeightingOptions
from harness.models.group_losses import GroupLosses
from harness.plugins import Balancer, GroupSignals
from harness.plugins.registry import registry

DATA_SHARES = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)


class Listening(Balancer):
    """Keeps what it is told."""

    name = "listening"
    summary = "for tests"

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[GroupSignals] = []

    def weights(self, signals: GroupSignals) -> torch.Tensor:
        self.heard.append(signals)
        return signals.present.double() / signals.present.sum()


def losses(values: tuple[float, ...] = (1.0, 2.0, 3.0), rows: tuple[int, ...] = (60, 40, 50)) -> GroupLosses:
    mass = torch.tensor(rows, dtype=torch.float64) / 2
    return GroupLosses(torch.tensor(values, dtype=torch.float64), mass, torch.tensor(rows))


def gradients(scale: float = 1.0) -> torch.Tensor:
    return scale * torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 3.0]], dtype=torch.float64)


def gram(scale: float = 1.0) -> torch.Tensor:
    """The Gram matrix of the above."""
    return gradients(scale) @ gradients(scale).T


def weighting(balancer: Balancer | None = None, **options: Any) -> GroupWeighting:
    return GroupWeighting(balancer or Listening(), DATA_SHARES, WeightingOptions(**options))


def test_average_starts_at_the_first_value_and_then_decays() -> None:
    smoothed, everything = Smoothed(0.9), torch.ones(1, dtype=torch.bool)
    values = [torch.tensor([value], dtype=torch.float64) for value in (2.0, 5.0, 1.0)]
    got = [smoothed.update(value, everything).item() for value in values]
    assert got[0] == pytest.approx(2.0)
    assert got[1] == pytest.approx((0.9 * 2 + 5) / 1.9)
    assert got[2] == pytest.approx((0.81 * 2 + 0.9 * 5 + 1) / 2.71)


def test_average_keeps_what_was_not_observed() -> None:
    smoothed = Smoothed(0.5)
    smoothed.update(torch.tensor([2.0, 7.0]), torch.tensor([True, False]))
    after = smoothed.update(torch.tensor([9.0, 4.0]), torch.tensor([False, True]))
    assert after.tolist() == [2.0, 4.0]


def test_average_of_what_was_never_observed_is_zero() -> None:
    value = torch.tensor([3.0], dtype=torch.float64)
    assert Smoothed(0.9).update(value, torch.tensor([False])).item() == 0


def test_signals_are_smoothed_losses_and_a_scaled_gram_matrix() -> None:
    rule = Listening()
    w = weighting(rule, ema=0.5)
    w.refresh(losses((1.0, 2.0, 3.0)), gram())
    w.refresh(losses((4.0, 2.0, 0.0)), gram(2.0))
    heard = rule.heard[1]
    torch.testing.assert_close(heard.losses, torch.tensor([3.0, 2.0, 1.0], dtype=torch.float64))
    expected = gram() * (0.5 * 1 + 4) / 1.5
    assert heard.scale.item() == pytest.approx(expected.diagonal().median().item())
    torch.testing.assert_close(heard.gram * heard.scale, expected)
    torch.testing.assert_close(heard.batch_shares, torch.tensor([60, 40, 50], dtype=torch.float64) / 150)
    assert torch.equal(heard.data_shares, DATA_SHARES)


def test_a_group_with_too_few_rows_is_absent_and_its_average_waits() -> None:
    rule = Listening()
    w = weighting(rule, min_rows=32)
    w.refresh(losses((1.0, 2.0, 3.0)), gram())
    weights = w.refresh(losses((1.0, 9.0, 3.0), rows=(60, 31, 32)), gram())
    assert rule.heard[1].present.tolist() == [True, False, True]
    assert rule.heard[1].losses[1] == 2.0
    assert weights.tolist() == [0.5, 0, 0.5]


def test_a_remembered_group_is_weighed_by_its_last_values_while_it_is_absent() -> None:
    rule = Listening()
    w = weighting(rule, min_rows=32, ema=0.5, remember=True)
    w.refresh(losses((1.0, 2.0, 3.0)), gram())
    weights = w.refresh(losses((1.0, 9.0, 3.0), rows=(60, 31, 32)), gram(2.0))
    assert rule.heard[1].present.tolist() == [True, True, True]
    assert rule.heard[1].losses.tolist() == [1.0, 2.0, 3.0]
    assert (rule.heard[1].gram * rule.heard[1].scale)[1, 1].item() == pytest.approx(gram()[1, 1].item())
    torch.testing.assert_close(weights, torch.tensor([1 / 3, 0, 1 / 3], dtype=torch.float64))


def test_a_group_that_was_never_seen_is_not_remembered() -> None:
    rule = Listening()
    weighting(rule, remember=True).refresh(losses(rows=(60, 0, 50)), gram())
    assert rule.heard[0].present.tolist() == [True, False, True]


def test_a_remembered_group_has_its_weight_over_batches() -> None:
    w = weighting(min_rows=32, remember=True)
    w.refresh(losses(), gram())
    given = [w.refresh(losses(rows=(60, 50 if step % 4 == 3 else 0, 50)), gram())[1].item() for step in range(400)]
    assert given[-1] == pytest.approx(401 / 101 / 3)
    assert sum(given) / len(given) == pytest.approx(1 / 3, rel=0.04)


@pytest.mark.parametrize(("rows", "ema"), [((60, 40, 50), 0.9), ((60, 3, 50), 0.0)])
def test_without_absence_or_without_averages_there_is_nothing_to_remember(
    rows: tuple[int, int, int], ema: float
) -> None:
    one, other = weighting(ema=ema), weighting(ema=ema, remember=True)
    for values in ((1.0, 2.0, 3.0), (4.0, 2.0, 1.0)):
        args = losses(values, rows=rows), gram(values[0])
        assert torch.equal(one.refresh(*args), other.refresh(*args))


def test_mixing_leads_from_proportional_to_balanced_weights() -> None:
    batch = losses()
    proportional = batch.mass / batch.mass.sum()
    balanced = torch.full((3,), 1 / 3, dtype=torch.float64)
    for gamma in (0.0, 0.25, 1.0):
        w = weighting(gamma=gamma).refresh(batch, gram())
        torch.testing.assert_close(w, (1 - gamma) * proportional + gamma * balanced)


def test_refreshes_when_due() -> None:
    w = weighting(every=3)
    due = []
    for _ in range(7):
        due.append(w.due)
        if w.due:
            w.refresh(losses(), gram())
        else:
            w.current()
    assert due == [True, False, False, True, False, False, True]


def test_weights_must_have_been_computed_once() -> None:
    with pytest.raises(RuntimeError, match="refresh first"):
        weighting().current()


@pytest.mark.parametrize("name", registry.names("balancer"))
def test_where_no_group_has_enough_rows_weights_are_proportional(name: str) -> None:
    balancer = registry.get("balancer", name)()
    w = weighting(balancer)
    batch = losses(rows=(4, 3, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = w.refresh(batch, gram() if balancer.needs_gradients else None)
    torch.testing.assert_close(got, batch.mass / batch.mass.sum())
    later = w.refresh(losses(), gram() if balancer.needs_gradients else None)
    assert torch.isfinite(later).all()
    assert later.sum().item() == pytest.approx(1)


def test_vanishing_gradients_are_not_divided_by() -> None:
    w = weighting(registry.get("balancer", "entropy")())
    assert torch.isfinite(w.refresh(losses(), gram(0.0))).all()


def test_a_smoothed_gram_matrix_stays_positive_semi_definite() -> None:
    generator = torch.Generator().manual_seed(0)
    smoothed = Smoothed(0.9)
    for _ in range(200):
        G = torch.randn(6, 3, generator=generator, dtype=torch.float64)
        observed = torch.rand(6, generator=generator) < 0.5
        gram = smoothed.update(G @ G.T, observed)
        assert torch.linalg.eigvalsh(gram).min() >= -1e-12 * gram.trace()
