"""The flat-parameter projector against torch.nn modules with the same weights."""

import math

import pytest
import torch
from torch import nn

from harness.models.projector import Activation, Projector

ACTIVATIONS: list[Activation] = ["leaky_relu", "gelu", "linear"]


def module(activation: Activation) -> nn.Module:
    if activation == "linear":
        return nn.Linear(6, 3, bias=False)
    biased = activation == "leaky_relu"
    return nn.Sequential(
        nn.Linear(6, 4, bias=biased), nn.LeakyReLU() if biased else nn.GELU(), nn.Linear(4, 3, bias=biased)
    )


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_agrees_with_modules_of_the_same_weights(activation: Activation) -> None:
    torch.manual_seed(0)
    projector, reference = Projector(6, 4, 3, activation), module(activation).double()
    parameters = list(reference.parameters())
    theta = nn.utils.parameters_to_vector(parameters).detach().requires_grad_(True)
    assert projector.n_parameters == len(theta)
    X = torch.randn(9, 6, dtype=torch.float64)
    torch.testing.assert_close(projector(theta, X), reference(X))
    (gradient,) = torch.autograd.grad(projector(theta, X).square().sum(), theta)
    expected = torch.autograd.grad(reference(X).square().sum(), parameters)
    torch.testing.assert_close(gradient, nn.utils.parameters_to_vector(expected))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_first_product_may_be_taken_before_averaging(activation: Activation) -> None:
    torch.manual_seed(2)
    projector = Projector(6, 4, 3, activation)
    theta = torch.randn(projector.n_parameters, dtype=torch.float64)
    X, average = torch.randn(9, 6, dtype=torch.float64), torch.rand(5, 9, dtype=torch.float64)
    early = projector.finish(theta, average @ projector.first_product(theta, X))
    torch.testing.assert_close(early, projector(theta, average @ X))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_derivatives(activation: Activation) -> None:
    torch.manual_seed(1)
    projector = Projector(4, 3, 2, activation)
    theta = torch.randn(projector.n_parameters, dtype=torch.float64, requires_grad=True)
    X = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(projector, (theta, X))
    assert torch.autograd.gradgradcheck(projector, (theta, X))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_starts_like_torch_linear(activation: Activation) -> None:
    """Uniform in ±1/√fan_in, weights and biases alike."""
    projector = Projector(64, 25, 16, activation)
    theta = projector.initial(torch.Generator().manual_seed(0), torch.float64)
    fan_ins = {"linear": [64], "gelu": [64, 25], "leaky_relu": [64, 64, 25, 25]}[activation]
    for part, fan_in in zip(theta.split(projector.sizes), fan_ins, strict=True):
        bound = 1 / math.sqrt(fan_in)
        assert part.abs().max() <= bound
        assert part.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.5)


def test_the_start_depends_on_the_seed_alone() -> None:
    first, again, other = (
        Projector(8, 4, 2).initial(torch.Generator().manual_seed(seed), torch.float64) for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
