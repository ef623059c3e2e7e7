"""LightGCN: free vectors, smoothed over the user–item graph and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from harness.base.late import torch
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.bpr import bpr, penalised, touched
from harness.models.graph import adjacency, propagated
from harness.models.id_embeddings import IDConfig, IDRecommender
from harness.models.sparse import SparseOperator
from harness.plugins import MethodConfig, Problem, SearchRange


class LightGCNConfig(IDConfig):
    """The table, the propagation and the penalty."""

    learning_rate: float = Field(
        5e-3, gt=0, description="of Adam on the vectors; the paper's 1e-3 needs hundreds of epochs on small data"
    )
    layers: int = Field(3, ge=0, le=100, description="propagation steps")
    l2: float = Field(1e-4, ge=0, description="λ of the L2 penalty on the batch's vectors (before propagation)")


class LightGCN(IDRecommender):
    """E_{l+1} = ÂE_l, factors the mean over layers, scores inner products, BPR with L2 on E_0 (He et al. 2020)."""

    name = "lightgcn"
    summary = "free user and item vectors propagated over the graph, with BPR"
    reference = "He et al., LightGCN, SIGIR 2020, arXiv 2002.02126"
    Config: ClassVar[type[MethodConfig]] = LightGCNConfig
    config: LightGCNConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(3e-4, 1e-2, log=True),
        "l2": SearchRange(1e-6, 1e-2, log=True),
        "layers": SearchRange(1, 4, integer=True),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        self.graph = SparseOperator(adjacency(problem.training), symmetric=True, device=self.device, dtype=self.dtype)

    def factors(self) -> Factors:
        return Factors(propagated(self.graph, self.E, self.config.layers), self.n_users)

    def objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        losses = bpr(touched(self.factors().stacked, self.n_users, batch), batch)
        return losses, penalised(losses, self.config.l2, touched(self.E, self.n_users, batch), batch)
