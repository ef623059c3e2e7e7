"""Post-processing of a fitted method's scores."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.plugins.protocols.intervention import Intervention, ServedSide

if TYPE_CHECKING:
    import torch


class RerankConfig(Frozen):
    """Which re-ranker makes the lists from a method's scores, and its options; "none" ranks by score."""

    name: str = Field("none", description="a registered re-ranker, or none")

    @property
    def active(self) -> bool:
        """Whether there is a re-ranker at all."""
        return self.name != "none"


class Reranker(Intervention):
    """Post-processing over any fitted method: what groups of items have been shown so far changes later lists.

    One instance serves one pass over the users, who come in a fixed order, ``batch`` at a time: their lists are made
    from their scores plus :meth:`bonus`, then :meth:`observe` is told what those lists show.

    Args:
        config: the options
        C: membership of items, rows sum to 1, shape (n_items, K), float64
    """

    family = "post"
    side: ClassVar[ServedSide] = "item"
    Config: ClassVar[type[RerankConfig]] = RerankConfig
    batch: int = 1

    def __init__(self, config: RerankConfig, C: "torch.Tensor") -> None:
        self.config = config
        self.C = C

    def named(self, groups: Sequence[str]) -> None:
        """The groups' names, in the order of C's columns; told once, before the first user.

        Raises:
            BadInput: where the options ask for a group that is not there.
        """

    @abstractmethod
    def bonus(self) -> "torch.Tensor":
        """What is added to the next users' scores of each item, shape (n_items,)."""

    @abstractmethod
    def observe(self, exposures: "torch.Tensor") -> None:
        """Lists have been made: Σ_i C_ik over each, shape (b, K)."""
