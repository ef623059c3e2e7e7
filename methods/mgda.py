"""Multiple-gradient descent over groups."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import torch
from pydantic import Field

from harness.balance.config import GramConfig
from harness.balance.level import Level
from harness.balance.training import GroupWeighted
from harness.balance.weighting import WeightingOptions
from harness.protocols import BalancerOptions, SearchRange


class MgdaConfig(GramConfig):
    """What gradients are of, and how long Frank–Wolfe runs."""

    T: int = Field(50, ge=1, description="T: Frank–Wolfe iterations")
    gram: Literal["factors", "theta"] = Field(
        "factors", description="gradients with respect to the final factors (MGDA-UB) or to θ"
    )


class Mgda(GroupWeighted):
    """w = argmin_{w∈Δ} ‖Σ_k w_k g_k‖², then a step of θ on Σ_k w_k L_k  (Désidéri 2012; Sener & Koltun 2018).

    Along the min-norm point's negative no group ascends to first order. ``factors`` takes the gradients at the shared
    representation, an upper bound that one backward pass gives (MGDA-UB, Sener & Koltun, section 3.3).
    """

    name = "mgda"
    summary = "the min-norm point of the group gradients: a common descent direction"
    reference = "Sener & Koltun, Multi-Task Learning as Multi-Objective Optimization, NeurIPS 2018, arXiv 1810.04650"
    Config = MgdaConfig
    config: MgdaConfig
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "gram": SearchRange(choices=("factors", "theta")),
        "learning_rate": SearchRange(5e-4, 1e-2, log=True),
        "temperature": SearchRange(0.08, 0.3, log=True),
    }

    def new_level(self) -> Level:
        config = self.config
        options = BalancerOptions(T=config.T, lam=0.0, alpha=0.0, xi=0.0)
        smoothing = WeightingOptions(config.ema, config.min_rows, every=config.balance_every)
        return config.level_of("mgda", self.groups.data_shares, options, smoothing)

    def compared(self) -> torch.Tensor | None:
        return self.theta if self.config.gram == "theta" else None
