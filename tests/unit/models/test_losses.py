"""InfoNCE against its formula and against torch's cross entropy."""

import math

import pytest
import torch
from torch.nn import functional

from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import info_nce, scores

TEMPERATURE = 0.15


@pytest.fixture
def factors() -> Factors:
    torch.manual_seed(0)
    return Factors(functional.normalize(torch.randn(17, 4, dtype=torch.float64), dim=1).requires_grad_(True), 6)


@pytest.fixture
def batch() -> Batch:
    """Users, items and negatives all with repetitions."""
    draw = torch.Generator().manual_seed(1)
    return Batch(
        torch.randint(6, (9,), generator=draw),
        torch.randint(11, (9,), generator=draw),
        torch.randint(11, (9, 7), generator=draw),
    )


def test_formula(factors: Factors, batch: Batch) -> None:
    ell = info_nce(factors, batch, TEMPERATURE)
    users, items = factors.users.detach(), factors.items.detach()
    for b, (user, item) in enumerate(zip(batch.users, batch.items, strict=True)):
        taken = math.exp(float(users[user] @ items[item]) / TEMPERATURE)
        others = [math.exp(float(users[user] @ items[j]) / TEMPERATURE) for j in batch.negatives[b]]
        assert ell[b].item() == pytest.approx(-math.log(taken / (taken + sum(others))), rel=1e-12)


def test_is_cross_entropy_with_the_taken_item_as_label(factors: Factors, batch: Batch) -> None:
    logits = scores(factors, batch) / TEMPERATURE
    expected = functional.cross_entropy(logits, torch.zeros(9, dtype=torch.int64), reduction="none")
    ell = info_nce(factors, batch, TEMPERATURE)
    torch.testing.assert_close(ell, expected, rtol=1e-12, atol=1e-12)
    weight = torch.linspace(0.1, 1, 9, dtype=torch.float64)
    (ours,), (theirs,) = (torch.autograd.grad(weight @ loss, factors.stacked) for loss in (ell, expected))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def test_differentiable_twice(factors: Factors, batch: Batch) -> None:
    assert torch.autograd.gradgradcheck(lambda s: info_nce(Factors(s, 6), batch, 0.5), factors.stacked)


def test_stays_finite_where_exponentials_overflow() -> None:
    opposite = Factors(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]]), 1)
    batch = Batch(torch.tensor([0]), torch.tensor([0]), torch.tensor([[1, 1]]))
    assert info_nce(opposite, batch, 1e-3).item() == pytest.approx(2000 + math.log(2))
