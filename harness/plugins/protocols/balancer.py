"""Group signals to group weights."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from harness.base.changing import Changing
from harness.plugins.protocols.plugin import Plugin

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class GroupSignals:
    """What a balancer may look at; smoothed over batches (EMA) where a batch is noisy.

    Attributes:
        losses: L, mean training loss of each group, shape (K,), float64
        gram: M = GGᵀ of the group gradients, scaled by its median diagonal, shape (K, K); zero where not asked for
        scale: the median diagonal that ``gram`` was divided by
        batch_shares: each group's share of the batch, Σ_b C_bk / B, shape (K,)
        data_shares: each group's share of all training interactions, shape (K,)
        present: groups with enough rows in the batch to be given weight, bool, shape (K,)
        lookahead_rate: ξ of the step along −Σ w_k g_k that is looked ahead to, after which the losses are L − ξ GGᵀw to
            first order; 0 where none is
    """

    losses: "torch.Tensor"
    gram: "torch.Tensor"
    scale: "torch.Tensor"
    batch_shares: "torch.Tensor"
    data_shares: "torch.Tensor"
    present: "torch.Tensor"
    lookahead_rate: float = 0.0


class Balancer(Changing, Plugin):
    """Group signals to group weights; one object follows one level of one training.

    One that remembers something between calls names in ``changes`` the attributes that hold it.

    Args:
        config: the balancer's own options; None for their defaults
    """

    changes: ClassVar[tuple[str, ...]] = ()
    needs_gradients: ClassVar[bool] = True
    """Whether ``GroupSignals.gram`` is looked at."""

    @abstractmethod
    def weights(self, signals: GroupSignals) -> "torch.Tensor":
        """w, shape (K,), float64: at least 0, sum 1, 0 where a group is not present."""
