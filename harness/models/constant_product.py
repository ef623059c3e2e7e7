"""The derivative of a product with a constant matrix. Defined with torch, so imported when the first one is taken."""

from typing import Any

import torch

from harness.models.sparse import multiplied


class ConstantProduct(torch.autograd.Function):
    """A @ X whose backward is again such a product, so that double backward works."""

    @staticmethod
    def forward(ctx: Any, matrix: torch.Tensor, adjoint: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        ctx.operators = (matrix, adjoint)
        return multiplied(matrix, dense)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, None, torch.Tensor]:
        matrix, adjoint = ctx.operators
        return None, None, ConstantProduct.apply(adjoint, matrix, gradients[0].contiguous())  # type: ignore[no-untyped-call]
