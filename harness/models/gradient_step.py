"""One step along a gradient, of parameters that carry no history between steps."""

from __future__ import annotations

from collections.abc import Sequence

from harness.base.late import torch


def remember(parameters: Sequence[torch.Tensor]) -> None:
    """From here on what is computed from ``parameters`` can be differentiated with respect to them."""
    for parameter in parameters:
        parameter.requires_grad_(True)


def follow(minimised: torch.Tensor, parameters: Sequence[torch.Tensor], optimizer: torch.optim.Optimizer) -> None:
    """A step of ``optimizer`` down the gradient of ``minimised``, a scalar; ``parameters`` carry no history again."""
    gradients = torch.autograd.grad(minimised, parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.requires_grad_(False)
        parameter.grad = gradient
    optimizer.step()
