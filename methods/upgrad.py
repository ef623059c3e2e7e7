"""Unconflicting projection of group gradients."""

from harness.balance.gradient_weighted import GradientWeighted


class UpGrad(GradientWeighted):
    """A step of θ on Σ_k w_k L_k, w the mean of the groups' projections onto the dual cone (Quinton & Rey 2024).

    ``harness.builtin.balancers.upgrad`` has the formula. Unlike ``mgda`` it lets a group with a large gradient have the
    larger say. ``gram=theta`` is the paper's.
    """

    name = "upgrad"
    summary = "mean of the group gradients, each projected so that it conflicts with none"
    reference = "Quinton & Rey, Jacobian Descent for Multi-Objective Optimization, 2024, arXiv 2406.16232"
    changes = ()
