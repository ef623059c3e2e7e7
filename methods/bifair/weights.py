"""Adaptive inter-group balancing (eqs. 8–12, Algorithm 2): each level has group weights of its own.

w maximises the entropy of the groups' losses under a common descent direction, found by Frank–Wolfe on the Gram matrix
of the group gradients; ``harness.builtin.balancers.entropy`` states our reading, the other balancers the alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.methods.bifair.config import BiFairConfig

from harness.balance.level import Balanced, Level
from harness.base.changing import Changing
from harness.base.late import torch
from harness.models.views import View


@dataclass(frozen=True)
class Levels(Changing):
    """w_in and w_out: the same rule, fed by different data and at different points."""

    changes: ClassVar[tuple[str, ...]] = ("inner", "outer")

    inner: Level
    outer: Level

    @classmethod
    def of(cls, config: BiFairConfig, data_shares: torch.Tensor) -> Levels:
        """Both levels as ``config`` describes them."""
        return cls(*(config.level(data_shares, config.lookahead_rate) for _ in range(2)))


def balanced_gradients(
    level: Level, view: View, theta: torch.Tensor, shares: torch.Tensor, *, with_z: bool, gram: str
) -> tuple[Balanced, torch.Tensor]:
    """∇_θF, or (∇_ZF, ∇_θF) with ``with_z``, at (Z, θ) under the level's weights; and H there, without history.

    Args:
        view: what the batch sees of Z; ∇_Z is taken at its inputs
        shares: the rows' membership C (B, K)
        gram: what the compared group gradients are of: ``factors``, the ``projector``'s output, ``theta`` or ``z``
    """
    Z = view.inputs.detach().requires_grad_(with_z or gram == "z")
    theta = theta.detach().requires_grad_(True)
    H = view.stages.first(Z, theta)
    factors = view.stages.rest(H, theta)
    compared = {"factors": None, "projector": factors.projected, "theta": theta, "z": Z}[gram]
    wanted = (Z, theta) if with_z else (theta,)
    return level.balance(factors, view.batch, shares, wanted, compared), H.detach()
