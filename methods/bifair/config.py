"""BiFair's options: every choice that the paper's public text leaves open is a named one."""

from typing import Literal

from pydantic import Field, field_validator

from harness.models.recommender import RecommenderConfig


class BiFairConfig(RecommenderConfig):
    """η, ξ, ε, T of the paper, the balancer, and the data that the outer level sees."""

    eta: float = Field(1e-3, ge=0, description="η: rate of Adam on Z (outer); 0 leaves Z at Z₀")
    xi: float | None = Field(None, ge=0, description="ξ: rate of the look-ahead; unset: the learning rate")
    epsilon: float = Field(1e-2, gt=0, description="ε: length of the finite difference's step in θ")
    T: int = Field(50, ge=1, description="T: Frank–Wolfe iterations")
    lam: float = Field(3.0, ge=0, description="λ: weight of the entropy term; 0 is MGDA")
    alpha: float = Field(0.01, ge=0, description="α: step of DRO weights (balancer group_dro)")
    gamma: float = Field(1.0, ge=0, le=1, description="γ: share of the balancer's weights against proportional ones")
    balancer: str = Field("entropy", description="the rule for group weights, at both levels")
    outer_data: Literal["disjoint", "heldout", "same"] = Field(
        "disjoint",
        description="outer batches: a second permutation, interactions kept for the outer level, or the same",
    )
    heldout_share: float = Field(0.2, gt=0, lt=1, description="share of training interactions that heldout keeps")
    lookahead: Literal["preconditioned", "sgd"] = Field("preconditioned", description="P: Adam's diagonal or identity")
    hypergradient: Literal["finite_difference", "first_order", "exact"] = "finite_difference"
    gram: Literal["factors", "theta", "z"] = Field("factors", description="what group gradients are of")
    balance_every: int = Field(1, ge=1, description="steps between refreshes of the weights")
    outer_every: int = Field(1, ge=1, description="inner steps per outer step")
    warmup_epochs: int = Field(0, ge=0, description="epochs of plain training of θ first")
    ema: float = Field(0.9, ge=0, lt=1, description="smoothing of group losses and Gram matrix")
    min_rows: int = Field(32, ge=1, description="rows a group needs in a batch to be given weight")

    @field_validator("balancer")
    @classmethod
    def _balancer_is_registered(cls, name: str) -> str:
        from harness.registry import registry

        return str(registry.get("balancer", name).name)

    @property
    def lookahead_rate(self) -> float:
        """ξ, by default the learning rate, so that the look-ahead is the step that will be taken."""
        return self.learning_rate if self.xi is None else self.xi
