"""Groups are shown as often as the catalogue has items of them."""

from typing import ClassVar

import torch
from pydantic import Field

from harness.plugins import RerankConfig, Reranker


class ExampleConfig(RerankConfig):
    """How much fairness weighs against scores."""

    lam: float = Field(0.1, ge=0, description="λ, in units of the method's scores; 0 changes no list")


class Example(Reranker):
    """score(u, i) + λ Σ_k C_ik (c_k − e_k),  c_k the share of group k in the catalogue, e_k in lists so far."""

    name = "example"
    summary = "adds to scores what an item's groups lack in exposure against the catalogue"
    reference = "folklore"
    Config: ClassVar[type[RerankConfig]] = ExampleConfig
    config: ExampleConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.shown = torch.zeros(C.shape[1], dtype=C.dtype, device=C.device)

    def bonus(self) -> torch.Tensor:
        exposure = self.shown / self.shown.sum().clamp(min=1)
        return self.config.lam * (self.C @ (self.C.mean(dim=0) - exposure))

    def observe(self, exposures: torch.Tensor) -> None:
        self.shown += exposures.sum(dim=0)
