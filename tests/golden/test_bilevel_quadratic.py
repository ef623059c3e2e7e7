"""A bi-level problem whose solution is known: BiFair's update finds it, joint and separate minimisation do not.

    inner:  F_in(Z, θ)  = ½ (θ − AZ)ᵀ H (θ − AZ),  H diagonal, so that θ*(Z) = AZ
    outer:  F_out(Z, θ) = ½ ‖θ + BZ − t‖² + ½ ρ ‖Z − Z₀‖²

    bi-level:   Z* = argmin_Z F_out(Z, AZ):        [(A+B)ᵀ(A+B) + ρI] Z = (A+B)ᵀ t + ρZ₀
    joint:      argmin over Z and θ of F_in + F_out: θ gives way, which weighs the residual of (A+B)Z by (I + H⁻¹)⁻¹:
                                                   [(A+B)ᵀW(A+B) + ρI] Z = (A+B)ᵀW t + ρZ₀,  W = (I + H⁻¹)⁻¹
    separate:   θ = AZ₀, then argmin_Z F_out(Z, AZ₀):         [BᵀB + ρI] Z = Bᵀ(t − AZ₀) + ρZ₀
    first order (no implicit part): Bᵀ[(A+B)Z − t] + ρ(Z − Z₀) = 0

With P = H⁻¹ and ξ = 1 the look-ahead θ' = θ − ξP∇_θF_in is AZ exactly, and v_Z − ξh is the total derivative.
"""

import pytest
import torch
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.outer import implicit_gradient

RHO = 0.5
DRAW = torch.Generator().manual_seed(0)


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=DRAW)


A = drawn(4, 5)
B = 0.5 * drawn(4, 5)
H = torch.tensor([0.2, 1.0, 3.0, 0.5], dtype=torch.float64)
TARGET = drawn(4)
Z0 = drawn(5)
EYE = torch.eye(5, dtype=torch.float64)


def inner(Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
    return 0.5 * (H * (theta - A @ Z) ** 2).sum()


def outer(Z: torch.Tensor, theta: torch.Tensor) -> torch.Tensor:
    return 0.5 * ((theta + B @ Z - TARGET) ** 2).sum() + 0.5 * RHO * ((Z - Z0) ** 2).sum()


def gradients(loss, Z: torch.Tensor, theta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    Z, theta = Z.detach().requires_grad_(True), theta.detach().requires_grad_(True)
    g_z, g_theta = torch.autograd.grad(loss(Z, theta), (Z, theta), allow_unused=True)
    return g_z, g_theta


def bilevel(steps: int = 500, rate: float = 0.07, **options) -> tuple[torch.Tensor, torch.Tensor]:
    """Algorithm 1 with plain gradient steps of Z, and of θ the step that was looked ahead to."""
    config = BiFairConfig(xi=1.0, **options)
    Z, theta, P = Z0.clone(), torch.zeros(4, dtype=torch.float64), 1 / H
    for _ in range(steps):
        ahead = theta - config.lookahead_rate * P * gradients(inner, Z, theta)[1]
        v_z, v_theta = gradients(outer, Z, ahead)
        through_theta = implicit_gradient(v_theta, inner, Z, theta, P, config)
        direction = v_z if through_theta is None else v_z + through_theta
        Z, theta = Z - rate * direction, ahead
    return Z, theta


def solution(S: torch.Tensor, W: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Z with [SᵀWS + ρI] Z = SᵀW target + ρZ₀."""
    return torch.linalg.solve(S.T @ W @ S + RHO * EYE, S.T @ W @ target + RHO * Z0)


IDENTITY = torch.eye(4, dtype=torch.float64)
BILEVEL = solution(A + B, IDENTITY, TARGET)
JOINT = solution(A + B, torch.diag(1 / (1 + 1 / H)), TARGET)
SEPARATE = solution(B, IDENTITY, TARGET - A @ Z0)
FIRST_ORDER = torch.linalg.solve(B.T @ (A + B) + RHO * EYE, B.T @ TARGET + RHO * Z0)


@pytest.mark.parametrize("hypergradient", ["exact", "finite_difference"])
def test_bilevel_update_finds_the_solution(hypergradient):
    Z, theta = bilevel(hypergradient=hypergradient)
    torch.testing.assert_close(Z, BILEVEL, rtol=0, atol=1e-6)
    torch.testing.assert_close(theta, A @ Z, rtol=0, atol=1e-6)


def test_hypergradient_is_the_total_derivative():
    """At any Z, with θ = AZ: d/dZ F_out(Z, AZ) by autograd."""
    Z = drawn(5).requires_grad_(True)
    (expected,) = torch.autograd.grad(outer(Z, A @ Z), Z)
    Z = Z.detach()
    v_z, v_theta = gradients(outer, Z, A @ Z)
    for hypergradient, tolerance in (("exact", 1e-12), ("finite_difference", 1e-9)):
        config = BiFairConfig(xi=1.0, hypergradient=hypergradient)
        found = v_z + implicit_gradient(v_theta, inner, Z, A @ Z, 1 / H, config)
        torch.testing.assert_close(found, expected, rtol=0, atol=tolerance)


def test_joint_minimisation_finds_something_else():
    Z, theta = Z0.clone(), torch.zeros(4, dtype=torch.float64)
    for _ in range(4000):
        g_z, g_theta = gradients(lambda Z, theta: inner(Z, theta) + outer(Z, theta), Z, theta)
        Z, theta = Z - 0.03 * g_z, theta - 0.03 * g_theta
    torch.testing.assert_close(Z, JOINT, rtol=0, atol=1e-6)


def test_separate_minimisation_finds_something_else():
    theta = torch.zeros(4, dtype=torch.float64)
    for _ in range(500):
        theta = theta - 0.3 * gradients(inner, Z0, theta)[1]
    Z = Z0.clone()
    for _ in range(500):
        Z = Z - 0.1 * gradients(outer, Z, theta)[0]
    torch.testing.assert_close(theta, A @ Z0, rtol=0, atol=1e-6)
    torch.testing.assert_close(Z, SEPARATE, rtol=0, atol=1e-6)


def test_dropping_the_implicit_part_finds_something_else():
    Z, _ = bilevel(hypergradient="first_order", steps=1000)
    torch.testing.assert_close(Z, FIRST_ORDER, rtol=0, atol=1e-6)


def test_the_solutions_differ_and_the_bilevel_one_is_best():
    def value(Z):
        return float(outer(Z, A @ Z))

    for other in (JOINT, SEPARATE, FIRST_ORDER):
        assert (other - BILEVEL).norm() > 0.05
        assert value(other) > value(BILEVEL) + 1e-3
