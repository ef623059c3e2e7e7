"""The inner level: the step of θ on F_in, and the look-ahead θ' of it that the outer level sees."""

import torch


def preconditioner(optimizer: torch.optim.Adam, theta: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """P, the diagonal that Adam's coming step will divide by, shape of θ; a constant for all derivatives.

    P = 1 / (√v̂ + δ) with v̂ the bias-corrected second moment after ``gradient`` (Kingma & Ba 2015, Algorithm 1).
    """
    group = optimizer.param_groups[0]
    beta2, delta, decay = group["betas"][1], group["eps"], group["weight_decay"]
    state = optimizer.state.get(theta, {})
    moment = state.get("exp_avg_sq", torch.zeros_like(theta))
    steps = float(state.get("step", 0)) + 1
    g = gradient + decay * theta
    v = (beta2 * moment + (1 - beta2) * g * g) / (1 - beta2**steps)
    return (1 / (v.sqrt() + delta)).detach()


def look_ahead(theta: torch.Tensor, gradient: torch.Tensor, P: torch.Tensor, xi: float) -> torch.Tensor:
    """θ' = θ − ξ P ∇_θF_in."""
    return theta - xi * P * gradient
