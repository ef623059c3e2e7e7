"""Options of the rules for group weights: a method that follows such a rule has them among its own."""

from pydantic import Field

from harness.base.frozen import Frozen


class FrankWolfeConfig(Frozen):
    """How long Frank–Wolfe runs."""

    T: int = Field(50, ge=1, le=100_000, description="T: Frank–Wolfe iterations")


class EntropyConfig(FrankWolfeConfig):
    """How much the entropy term weighs."""

    lam: float = Field(3.0, ge=0, description="λ: weight of the entropy term; 0 is MGDA")


class DroConfig(Frozen):
    """The step of exponentiated weights."""

    alpha: float = Field(0.01, ge=0, description="α: step of DRO weights; 0 leaves them equal")
