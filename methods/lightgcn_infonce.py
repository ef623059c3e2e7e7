"""AlphaRec's training on free vectors: LightGCN with AlphaRec's loss, sampler and optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from harness.base.late import functional, torch
from harness.base.sizes import BatchSize, Size
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.graph import adjacency, propagated
from harness.models.id_embeddings import IDConfig, IDRecommender
from harness.models.losses import info_nce
from harness.models.sparse import SparseOperator
from harness.plugins import MethodConfig, Problem, SearchRange


class LightGCNInfoNCEConfig(IDConfig):
    """The defaults are AlphaRec's wherever AlphaRec has the option."""

    layers: int = Field(2, ge=0, le=100, description="propagation steps; 0: the twin of the two-tower backbone")
    temperature: float = Field(0.15, gt=0, description="τ of InfoNCE")
    negatives: Size = Field(256, description="sampled negatives per interaction")
    batch_size: BatchSize = Field(4096, description="interactions per step")
    learning_rate: float = Field(2e-3, gt=0, description="of Adam on the vectors")
    weight_decay: float = Field(1e-6, ge=0, description="of Adam, on all vectors in every step")


class LightGCNInfoNCE(IDRecommender):
    """X_0 = E in the place of g_θ([R̃Z ; Z]), then as AlphaRec: X_{l+1} = ÂX_l, mean, normalised rows, InfoNCE.

    AlphaRec's ID twin with a free vector for every user and item and no projector (``alpharec_id`` keeps the projector
    and has a table of items only). Our construction: a control.
    """

    name = "lightgcn_infonce"
    summary = "AlphaRec's ID twin without projector: free user and item vectors, InfoNCE"
    reference = "control for Sheng et al., ICLR 2025, arXiv 2407.05441; backbone of He et al., SIGIR 2020"
    Config: ClassVar[type[MethodConfig]] = LightGCNInfoNCEConfig
    config: LightGCNInfoNCEConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(5e-4, 2e-2, log=True),
        "temperature": SearchRange(0.08, 0.3, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        if self.config.layers:
            self.graph = SparseOperator(
                adjacency(problem.training), symmetric=True, device=self.device, dtype=self.dtype
            )

    def factors(self) -> Factors:
        smoothed = propagated(self.graph, self.E, self.config.layers) if self.config.layers else self.E
        return Factors(functional.normalize(smoothed, dim=1), self.n_users)

    def objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        losses = info_nce(self.factors(), batch, self.config.temperature)
        return losses, losses.mean()
