"""The look-ahead is the step that Adam will take."""

import pytest
import torch
from harness.methods.bifair.inner import LookAhead, look_ahead, preconditioner

XI = 0.02


def used(steps: int, **options: float) -> tuple[torch.Tensor, torch.optim.Adam, torch.Tensor]:
    """θ and its optimiser after some steps, and the coming gradient."""
    torch.manual_seed(0)
    theta = torch.randn(20, dtype=torch.float64)
    optimizer = torch.optim.Adam([theta], lr=XI, foreach=False, **options)
    for _ in range(steps):
        theta.grad = torch.randn_like(theta)
        optimizer.step()
    return theta, optimizer, torch.randn_like(theta)


@pytest.mark.parametrize("steps", [0, 1, 7])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_preconditioned_is_the_coming_step(steps: int, decay: float) -> None:
    theta, optimizer, g = used(steps, weight_decay=decay)
    before = theta.clone()
    ahead = LookAhead.of(theta, g, optimizer, "preconditioned", XI)
    assert torch.equal(theta, before)
    theta.grad = g
    optimizer.step()
    torch.testing.assert_close(ahead.theta, theta, rtol=0, atol=1e-14)


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_its_diagonal_is_what_adam_divides_by(steps: int) -> None:
    """Without momentum (β₁ = 0) Adam's step is −ξ P g, so P can be read off it."""
    theta, optimizer, g = used(steps, betas=(0.0, 0.99))
    before = theta.clone()
    P = preconditioner(optimizer, theta, g)
    diagonal, preconditioned = (LookAhead.of(theta, g, optimizer, kind, XI) for kind in ("diagonal", "preconditioned"))
    theta.grad = g
    optimizer.step()
    torch.testing.assert_close(P, (before - theta) / (XI * g), rtol=1e-9, atol=0)
    for ahead in (diagonal, preconditioned):
        assert torch.equal(ahead.P, P)
        torch.testing.assert_close(ahead.theta, theta, rtol=0, atol=1e-14)


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_its_derivative_is_the_gradients_share_of_the_step(steps: int) -> None:
    """∂θ'/∂g = −ξ P with the second moment held constant: of Adam's average a gradient is (1 − β₁)/(1 − β₁ᵗ)."""
    theta, optimizer, g = used(steps)
    moment = optimizer.state[theta]["exp_avg"] if steps else torch.zeros_like(theta)
    constant, g = preconditioner(optimizer, theta, g), g.requires_grad_(True)
    step = -XI * constant * (0.9 * moment + 0.1 * g) / (1 - 0.9 ** (steps + 1))
    (derivative,) = torch.autograd.grad(step.sum(), g)
    ahead = LookAhead.of(theta, g.detach(), optimizer, "preconditioned", XI)
    torch.testing.assert_close(-XI * ahead.P, derivative, rtol=1e-12, atol=0)


def test_weight_decay_is_part_of_the_second_moment() -> None:
    theta = torch.full((3,), 2.0, dtype=torch.float64)
    optimizer = torch.optim.Adam([theta], weight_decay=0.5)
    P = preconditioner(optimizer, theta, torch.ones_like(theta))
    torch.testing.assert_close(P, torch.full_like(theta, 1 / (2 + 1e-8)))


def test_a_plain_step_and_a_diagonal_one() -> None:
    theta, optimizer, g = used(3)
    sgd = LookAhead.of(theta, g, optimizer, "sgd", 0.1)
    assert torch.equal(sgd.P, torch.ones_like(theta))
    torch.testing.assert_close(sgd.theta, theta - 0.1 * g)
    diagonal = LookAhead.of(theta, g, optimizer, "diagonal", 0.1)
    torch.testing.assert_close(diagonal.theta, look_ahead(theta, g, preconditioner(optimizer, theta, g), 0.1))


@pytest.mark.parametrize("kind", ["preconditioned", "diagonal", "sgd"])
def test_is_a_constant_and_leaves_the_optimiser_alone(kind: str) -> None:
    theta, optimizer, g = used(2)
    kept = {name: value.clone() for name, value in optimizer.state[theta].items()}
    ahead = LookAhead.of(theta, g.requires_grad_(True).detach(), optimizer, kind, XI)
    assert not ahead.P.requires_grad
    assert all(torch.equal(optimizer.state[theta][name], value) for name, value in kept.items())


@pytest.mark.parametrize("kind", ["preconditioned", "diagonal", "sgd"])
def test_no_rate_no_step(kind: str) -> None:
    theta, optimizer, g = used(2)
    assert torch.equal(LookAhead.of(theta, g, optimizer, kind, 0.0).theta, theta)
