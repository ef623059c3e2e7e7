"""The projector g_θ: a small network whose parameters are one flat vector.

A flat θ lets algorithms on parameters read like their papers: ``theta + step * direction``, ``direction.norm()``.
"""

from __future__ import annotations

import math
from typing import Literal

from harness.base.late import functional, torch

Activation = Literal["leaky_relu", "gelu", "linear"]


class Projector:
    """g_θ: R^d_in → R^d_out.

    ``leaky_relu`` is AlphaRec's Linear → LeakyReLU → Linear with biases (Sheng et al. 2025); ``gelu`` is the same
    without biases and with a smooth activation; ``linear`` is a single bias-free linear map.

    Args:
        d_in, hidden, d_out: widths; ``hidden`` is not used by ``linear``
        mixed: products in bfloat16, everything else in the parameters' type
    """

    def __init__(
        self, d_in: int, hidden: int, d_out: int, activation: Activation = "leaky_relu", *, mixed: bool = False
    ) -> None:
        self.activation = activation
        self.d_out = d_out
        self.mixed = mixed
        self.shapes: list[tuple[int, ...]]
        if activation == "linear":
            self.shapes, self._fan_ins = [(d_out, d_in)], [d_in]
        elif activation == "gelu":
            self.shapes, self._fan_ins = [(hidden, d_in), (d_out, hidden)], [d_in, hidden]
        else:
            self.shapes = [(hidden, d_in), (hidden,), (d_out, hidden), (d_out,)]
            self._fan_ins = [d_in, d_in, hidden, hidden]
        self.sizes = [math.prod(shape) for shape in self.shapes]

    @property
    def n_parameters(self) -> int:
        """Length of θ."""
        return sum(self.sizes)

    def initial(self, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
        """θ₀, shape (n_parameters,): weights and biases uniform in ±1/√fan_in (the default of ``torch.nn.Linear``)."""
        parts = []
        for fan_in, size in zip(self._fan_ins, self.sizes, strict=True):
            uniform = torch.rand(size, generator=generator, device=generator.device, dtype=torch.float64)
            parts.append((2 * uniform - 1) / math.sqrt(fan_in))
        return torch.cat(parts).to(dtype)

    def __call__(self, theta: torch.Tensor, X: torch.Tensor) -> torch.Tensor:
        """g_θ(X), shape (n, d_out) for X of shape (n, d_in)."""
        return self.finish(theta, self.first_product(theta, X))

    def first_product(self, theta: torch.Tensor, X: torch.Tensor) -> torch.Tensor:
        """X W₁ᵀ, linear in X: (AX) W₁ᵀ = A (X W₁ᵀ) for any matrix A; shape (n, hidden), or (n, d_out) if linear."""
        return self._product(X, self._parts(theta)[0])

    def first_adjoint(self, theta: torch.Tensor, G: torch.Tensor) -> torch.Tensor:
        """The gradient of ⟨G, X W₁ᵀ⟩ with respect to X, G W₁, shape (n, d_in); not differentiable."""
        return self._product(G, self._parts(theta.detach())[0].T)

    def finish(self, theta: torch.Tensor, H: torch.Tensor) -> torch.Tensor:
        """g_θ(X) from H = X W₁ᵀ, shape (n, d_out)."""
        if self.activation == "linear":
            return H
        if self.activation == "gelu":
            return self._product(functional.gelu(H), self._parts(theta)[1])
        _, b1, W2, b2 = self._parts(theta)
        return self._product(functional.leaky_relu(H + b1), W2, b2)

    def _product(self, X: torch.Tensor, W: torch.Tensor, b: torch.Tensor | None = None) -> torch.Tensor:
        """X Wᵀ + b."""
        if not self.mixed:
            return functional.linear(X, W, b)
        product = functional.linear(X.bfloat16(), W.bfloat16()).to(X.dtype)
        return product if b is None else product + b

    def _parts(self, theta: torch.Tensor) -> list[torch.Tensor]:
        return [part.view(shape) for part, shape in zip(theta.split(self.sizes), self.shapes, strict=True)]
