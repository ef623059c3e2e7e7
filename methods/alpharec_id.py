"""AlphaRec without language: the same model and training on a random table in the place of Z₀."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from harness.methods.alpharec import AlphaRec
from pydantic import Field, model_validator

from harness.base.late import torch
from harness.base.sizes import Size
from harness.models.recommender import RecommenderConfig
from harness.plugins import MethodConfig, Problem, SearchRange


class AlphaRecIDConfig(RecommenderConfig):
    """AlphaRec's options, and the table."""

    learns_representations: ClassVar[bool] = True

    width: Size = Field(384, description="of the table; the default is that of all-MiniLM-L6-v2's vectors")
    table: Literal["trained", "frozen"] = Field(
        "trained", description="learn the table with θ, or leave it random: then the projector alone learns"
    )
    table_learning_rate: float = Field(2e-3, gt=0, description="of Adam on the table, without weight decay")

    @model_validator(mode="after")
    def _a_table_is_learnt_through_the_whole_graph(self) -> Self:
        if self.table == "trained" and self.propagation == "input":
            raise ValueError("propagation=input smooths Z before it is learnt: it needs table=frozen")
        return self


class AlphaRecID(AlphaRec):
    """min_{θ, Z} mean_b ℓ_b with Z_0 ~ N(0, 1/width), rows of about unit length like a language model's.

    Backbone, projector, loss, sampler, streams and optimiser are AlphaRec's own code: with ``table="frozen"`` what Z
    holds is the only difference between the two. Users have no vectors of their own, they are the mean of what they
    took; for free vectors of both, without a projector, see ``lightgcn_infonce``. Our construction: a control.
    """

    name = "alpharec_id"
    summary = "AlphaRec's ID twin: a random trainable table in the place of language representations"
    reference = "control for Sheng et al., ICLR 2025, arXiv 2407.05441"
    needs_text = False
    Config: ClassVar[type[MethodConfig]] = AlphaRecIDConfig
    config: AlphaRecIDConfig
    changes = ("Z",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **AlphaRec.search_space,
        "table_learning_rate": SearchRange(5e-4, 2e-2, log=True),
    }

    def prepare(self, problem: Problem) -> None:
        size = (problem.training.n_items, self.config.width)
        generator = problem.streams.generator("init", "table")
        table = torch.randn(size, generator=generator, device=problem.device) / math.sqrt(self.config.width)
        super().prepare(dataclasses.replace(problem, embeddings=table.cpu().numpy()))
        if self.config.table == "trained":
            learnt = {"params": [self.Z], "lr": self.config.table_learning_rate, "weight_decay": 0.0}
            self.optimizer.add_param_group(learnt)

    def _learnt(self) -> list[torch.Tensor]:
        return [self.theta, self.Z] if self.config.table == "trained" else [self.theta]
