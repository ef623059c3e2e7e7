"""BiFair's options: every choice that the paper's public text leaves open is a named one."""

from typing import Literal

from harness.methods.bifair.inner import LookAheadKind
from pydantic import Field

from harness.balance.balancing_options import BalancedConfig
from harness.base.sizes import Size


class BiFairConfig(BalancedConfig):
    """η, ξ, ε, T of the paper, the balancer, and the data that the outer level sees."""

    eta: float = Field(1e-3, ge=0, description="η: rate of Adam on Z (outer); 0 leaves Z at Z₀")
    xi: float | None = Field(None, ge=0, description="ξ: rate of the look-ahead; unset: the learning rate")
    representations: Literal["free", "low_rank"] = Field("free", description="Z itself, or Z₀ + A·B")
    rank: Size = Field(32, description="rank of A·B")
    epsilon: float = Field(1e-2, gt=0, description="ε: length of the finite difference's step in θ")
    outer_data: Literal["disjoint", "heldout", "same"] = Field(
        "disjoint",
        description="outer batches: a second permutation, interactions kept for the outer level, or the same",
    )
    heldout_share: float = Field(0.2, gt=0, lt=1, description="share of training interactions that heldout keeps")
    lookahead: LookAheadKind = Field(
        "preconditioned", description="θ': Adam's coming step, its diagonal without momentum, or a plain step"
    )
    hypergradient: Literal["finite_difference", "first_order", "exact"] = Field(
        "finite_difference", description="the product with second derivatives: by ε (eq. 7), left out, or exactly"
    )
    gram: Literal["factors", "projector", "theta", "z"] = Field("factors", description="what group gradients are of")
    outer_every: int = Field(1, ge=1, description="inner steps per outer step")
    refresh_every: int = Field(
        16, ge=1, description="outer steps whose gradients one step of Z takes together, where propagation=input"
    )
    warmup_epochs: int = Field(0, ge=0, description="epochs of plain training of θ first")

    @property
    def lookahead_rate(self) -> float:
        """ξ, by default the learning rate, so that the look-ahead is the step that will be taken."""
        return self.learning_rate if self.xi is None else self.xi
