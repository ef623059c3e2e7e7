"""The look-ahead's preconditioner is what Adam really divides by."""

import pytest
import torch
from harness.methods.bifair.inner import look_ahead, preconditioner


def adam(theta: torch.Tensor, **options: float) -> torch.optim.Adam:
    return torch.optim.Adam([theta], foreach=False, **options)


@pytest.mark.parametrize("steps_before", [0, 1, 7])
def test_is_the_diagonal_of_the_coming_step(steps_before: int) -> None:
    """Without momentum (β₁ = 0) Adam's step is −ξ P g, so P can be read off it."""
    torch.manual_seed(0)
    theta = torch.randn(20, dtype=torch.float64)
    optimizer = adam(theta, lr=0.01, betas=(0.0, 0.99))
    for _ in range(steps_before):
        theta.grad = torch.randn_like(theta)
        optimizer.step()
    g, before = torch.randn_like(theta), theta.clone()
    ahead = look_ahead(theta, g, preconditioner(optimizer, theta, g), 0.01)
    assert torch.equal(theta, before)
    theta.grad = g
    optimizer.step()
    torch.testing.assert_close(ahead, theta, rtol=0, atol=1e-14)


def test_the_first_step_is_seen_exactly_even_with_momentum() -> None:
    theta = torch.randn(20, dtype=torch.float64)
    optimizer = adam(theta, lr=0.02)
    g = torch.randn_like(theta)
    ahead = look_ahead(theta, g, preconditioner(optimizer, theta, g), 0.02)
    theta.grad = g
    optimizer.step()
    torch.testing.assert_close(ahead, theta, rtol=0, atol=1e-14)


def test_weight_decay_is_part_of_the_second_moment() -> None:
    theta = torch.full((3,), 2.0, dtype=torch.float64)
    P = preconditioner(adam(theta, weight_decay=0.5), theta, torch.ones_like(theta))
    torch.testing.assert_close(P, torch.full_like(theta, 1 / (2 + 1e-8)))


def test_is_a_constant_and_leaves_the_optimiser_alone() -> None:
    theta = torch.randn(4)
    optimizer = adam(theta)
    g = torch.randn(4, requires_grad=True)
    assert not preconditioner(optimizer, theta, g).requires_grad
    assert not optimizer.state


def test_plain_look_ahead() -> None:
    theta, g = torch.tensor([1.0, 2.0]), torch.tensor([0.5, -1.0])
    assert look_ahead(theta, g, torch.ones(2), 0.1).tolist() == pytest.approx([0.95, 2.1])
