"""A small fully connected network, whose parameters are tensors by name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.base.changing import Changing
from harness.base.late import functional, torch


class Perceptron(Changing):
    """Linear maps with biases, and a LeakyReLU between each two of them.

    Args:
        widths: of input, hidden layers and output
        slope: of the LeakyReLU below 0; 0 is ReLU
        generator: of the initial weights, uniform with variance 2 / fan_in (He et al., ICCV 2015); biases start at 0
        dtype: of all arithmetic
        start: what it gives for everything before it learns, shape (widths[-1],): the last biases, under weights of 0;
            None: the last layer starts like the others
    """

    changes = ("parameters",)

    def __init__(
        self,
        widths: Sequence[int],
        slope: float,
        generator: torch.Generator,
        dtype: torch.dtype,
        start: torch.Tensor | None = None,
    ) -> None:
        self.slope, self.depth = slope, len(widths) - 1
        self.parameters: dict[str, torch.Tensor] = {}
        for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
            size = (fan_out, fan_in)
            uniform = torch.rand(size, generator=generator, device=generator.device, dtype=torch.float64)
            self.parameters[f"{layer}.weight"] = ((2 * uniform - 1) * (6 / fan_in) ** 0.5).to(dtype)
            self.parameters[f"{layer}.bias"] = torch.zeros(fan_out, device=generator.device, dtype=dtype)
        if start is not None:
            self.parameters[f"{self.depth - 1}.weight"].zero_()
            self.parameters[f"{self.depth - 1}.bias"] = start.to(dtype, copy=True)

    def __call__(self, X: torch.Tensor) -> torch.Tensor:
        """Shape (n, widths[-1]) for X of shape (n, widths[0])."""
        for layer in range(self.depth):
            X = functional.linear(X, self.parameters[f"{layer}.weight"], self.parameters[f"{layer}.bias"])
            X = functional.leaky_relu(X, self.slope) if layer < self.depth - 1 else X
        return X

    def learnt(self) -> list[torch.Tensor]:
        """The parameters in a fixed order."""
        return list(self.parameters.values())
