"""The derivative of InfoNCE's losses. Defined with torch, so imported when the first one is taken."""

from typing import Any

import torch

from harness.models.losses import gradient_by_score, softened


class InfoNCE(torch.autograd.Function):
    """Scores → ℓ, whose backward reuses the exponentials of the forward."""

    @staticmethod
    def forward(ctx: Any, scores: torch.Tensor, temperature: float) -> torch.Tensor:
        soft = softened(scores, temperature)
        ctx.temperature = temperature
        ctx.save_for_backward(scores, soft.exponentials, soft.totals)
        return soft.losses

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        scores, exponentials, totals = ctx.saved_tensors
        if torch.is_grad_enabled():  # to be differentiated again, so it has to remember the scores
            exponentials, totals = torch.softmax(scores / ctx.temperature, dim=1), torch.ones_like(totals)
        return gradient_by_score(gradients[0], exponentials, totals, ctx.temperature), None
