"""Factors can be differentiated twice, with respect to Z and θ: what hypergradients need of a backbone."""

from typing import Protocol

import torch

from harness.models.alpharec import Factors


class Smooth(Protocol):
    def factors(self, Z: torch.Tensor, theta: torch.Tensor) -> Factors: ...


def assert_differentiable_twice(backbone: Smooth, Z: torch.Tensor, theta: torch.Tensor) -> None:
    assert torch.autograd.gradcheck(lambda Z, theta: backbone.factors(Z, theta).stacked, (Z, theta))
    direction = torch.randn_like(theta)

    def directional(Z: torch.Tensor) -> torch.Tensor:
        (gradient,) = torch.autograd.grad(backbone.factors(Z, theta).stacked[:, 0].sum(), theta, create_graph=True)
        return gradient @ direction

    assert torch.autograd.gradcheck(directional, Z)
