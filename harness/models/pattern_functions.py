"""The derivatives of a pattern's scores and products. Defined with torch, so imported when the first one is taken."""

from typing import TYPE_CHECKING, Any

import torch

from harness.models.sparse import multiplied, sampled_product

if TYPE_CHECKING:
    from harness.models.pattern import Pattern


class PatternScores(torch.autograd.Function):
    """(rows, others) → their scores at a pattern's places."""

    @staticmethod
    def forward(ctx: Any, pattern: "Pattern", rows: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        ctx.pattern = pattern
        ctx.save_for_backward(rows, others)
        if pattern.columns.shape[1] >= len(others):  # all scores are fewer than those asked for
            return (rows @ others.T).gather(1, pattern.columns)
        return sampled_product(*pattern.places, rows, others).view(pattern.columns.shape)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[None, torch.Tensor | None, torch.Tensor | None]:
        pattern, (rows, others), values = ctx.pattern, ctx.saved_tensors, gradients[0]
        by_row = pattern.product(values, others) if ctx.needs_input_grad[1] else None
        by_other = pattern.transposed_product(values, rows, len(others)) if ctx.needs_input_grad[2] else None
        return None, by_row, by_other


class PatternProduct(torch.autograd.Function):
    """(values, X) → S @ X, or Sᵀ @ X."""

    @staticmethod
    def forward(
        ctx: Any, pattern: "Pattern", values: torch.Tensor, dense: torch.Tensor, n: int, transposed: bool
    ) -> torch.Tensor:
        ctx.pattern, ctx.transposed = pattern, transposed
        ctx.save_for_backward(values, dense)
        matrix = pattern.transposed_matrix(values, n) if transposed else pattern.matrix(values, n)
        return multiplied(matrix, dense.contiguous())

    @staticmethod
    def backward(
        ctx: Any, *gradients: torch.Tensor
    ) -> tuple[None, torch.Tensor | None, torch.Tensor | None, None, None]:
        pattern, (values, dense), G = ctx.pattern, ctx.saved_tensors, gradients[0]
        by_value = by_dense = None
        if ctx.needs_input_grad[1]:
            by_value = pattern.scores(dense, G) if ctx.transposed else pattern.scores(G, dense)
        if ctx.needs_input_grad[2]:
            if ctx.transposed:
                by_dense = pattern.product(values, G)
            else:
                by_dense = pattern.transposed_product(values, G, len(dense))
        return None, by_value, by_dense, None, None
