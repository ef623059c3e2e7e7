"""Matrix factorisation trained by Bayesian personalised ranking: the traditional recommender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from harness.base.late import torch
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.bpr import bpr, penalised, touched
from harness.models.id_embeddings import IDConfig, IDRecommender
from harness.plugins import MethodConfig, SearchRange


class MFConfig(IDConfig):
    """The table, and how much its vectors are held back."""

    learning_rate: float = Field(5e-3, gt=0, description="of Adam on the vectors")
    l2: float = Field(3e-2, ge=0, description="λ of the L2 penalty on the batch's vectors")


class MF(IDRecommender):
    """score(u, i) = ⟨e_u, e_i⟩;  min_E mean_b −ln σ(x_ui − x_uj) + λ/2 (‖e_u‖² + ‖e_i‖² + ‖e_j‖²).

    Rendle et al., UAI 2009, section 4.3.1, with mini-batches and Adam in the place of single steps of SGD.
    """

    name = "mf"
    summary = "matrix factorisation with BPR: free user and item vectors"
    reference = "Rendle et al., BPR: Bayesian Personalized Ranking from Implicit Feedback, UAI 2009, arXiv 1205.2618"
    Config: ClassVar[type[MethodConfig]] = MFConfig
    config: MFConfig
    changes = ()
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        "learning_rate": SearchRange(3e-4, 1e-2, log=True),
        "l2": SearchRange(1e-3, 0.3, log=True),
    }

    def factors(self) -> Factors:
        return Factors(self.E, self.n_users)

    def objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        vectors = touched(self.E, self.n_users, batch)
        losses = bpr(vectors, batch)
        return losses, penalised(losses, self.config.l2, vectors, batch)
