"""Counterfactual reasoning: what an item, or a user, would score without being matched is taken off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from harness.methods.alpharec import AlphaRec
from pydantic import Field

from harness.base.late import functional, torch
from harness.base.sizes import BatchSize
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.losses import scores
from harness.models.recommender import RecommenderConfig
from harness.plugins import MethodConfig, Problem, SearchRange

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class MACRConfig(RecommenderConfig):
    """The tasks' weights, and the score without a match; steps of another size and number than InfoNCE needs."""

    batch_size: BatchSize = Field(1024, description="interactions per step; the authors'")
    learning_rate: float = Field(1e-2, gt=0, description="of Adam on θ and on the modules; AlphaRec's is too slow here")
    alpha: float = Field(0.1, ge=0, description="α: weight of the item module's loss; the authors take 1e-2 to 1e-3")
    beta: float = Field(1e-3, ge=0, description="β: weight of the user module's loss")
    c: float = Field(4.0, description="c: the matching score that stands for no match; 0 takes nothing off")


class MACR(AlphaRec):
    """ŷ_ui = y_k σ(y_i) σ(y_u) is fitted, and (y_k − c) σ(y_i) σ(y_u) recommends (Wei et al. 2021).

    y_k = s/τ is AlphaRec's logit; y_i = ⟨w_I, x_i⟩ and y_u = ⟨w_U, x_u⟩ see the final factor of the item or of the user
    alone (one linear map each, as in the authors' code). The loss is L_O + α L_I + β L_U, three binary cross-entropies
    on the rows (y = 1) and on their negatives (y = 0), of ŷ, y_i and y_u, where the authors draw one negative for a row
    and here the mean is over all N:  L_U = mean_b −ln σ(y_u) − ln(1 − σ(y_u)), since each row's user is in both.
    c is in units of y_k, which lies between −1/τ and 1/τ; the paper chooses it on validation data.
    """

    name = "macr"
    summary = "counterfactual reasoning: scores less what item and user would have without a match"
    reference = (
        "Wei et al., Model-Agnostic Counterfactual Reasoning for Eliminating Popularity Bias in Recommender System, "
        "KDD 2021, arXiv 2010.15363"
    )
    family = "in"
    side = "item"
    Config: ClassVar[type[MethodConfig]] = MACRConfig
    config: MACRConfig
    changes = ("w",)
    search_space: ClassVar[Mapping[str, SearchRange]] = {
        **AlphaRec.search_space,
        "alpha": SearchRange(1e-3, 1, log=True),
        "beta": SearchRange(1e-4, 1e-1, log=True),
        "c": SearchRange(0, 10),
    }

    def prepare(self, problem: Problem) -> None:
        super().prepare(problem)
        generator = problem.streams.generator("init", "modules")
        normal = torch.randn((2, self.config.dim), generator=generator, device=self.device, dtype=torch.float64)
        self.w = (normal * (2 / (self.config.dim + 1)) ** 0.5).to(self.dtype)  # Glorot's, of (d, 1)
        self.optimizer.add_param_group({"params": [self.w]})

    def factors(self) -> Factors:
        """Those whose products are the counterfactual scores: [y_u's share of (x_u/τ, 1)] and [of (x_i, −c)]."""
        plain = super().factors()
        return Factors(torch.cat([self._of_users(plain.users), self._of_items(plain.items)]), plain.n_users)

    def user_vectors(self, histories: csr_array) -> torch.Tensor | None:
        new = super().user_vectors(histories)
        return None if new is None else self._of_users(new)

    def state(self) -> dict[str, torch.Tensor]:
        return {**super().state(), "w": self.w.clone()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.w.copy_(state["w"])
        super().restore(state)

    def _of_users(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x @ self.w[0])[:, None] * functional.pad(x / self.config.temperature, (0, 1), value=1.0)

    def _of_items(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x @ self.w[1])[:, None] * functional.pad(x, (0, 1), value=-self.config.c)

    def _learnt(self) -> list[torch.Tensor]:
        return [self.theta, self.w]

    def _objective(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        view = self.views.of(batch)
        factors = view.factors(view.inputs, self.theta)
        s = scores(factors, view.batch)
        y_u = factors.users.index_select(0, view.batch.users) @ self.w[0]
        y_i = view.batch.pattern.spread(factors.items @ self.w[1])
        hidden = torch.isneginf(s)  # what the user took of shared negatives
        y_k = s.masked_fill(hidden, 0) / self.config.temperature
        fitted = y_k * torch.sigmoid(y_i) * torch.sigmoid(y_u)[:, None]
        losses = (
            cross_entropy(fitted, hidden)
            + self.config.alpha * cross_entropy(y_i, hidden)
            + self.config.beta * (functional.softplus(-y_u) + functional.softplus(y_u))
        )
        return losses, losses.mean()


def cross_entropy(y: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """−ln σ(y_b0) − mean_j ln(1 − σ(y_bj)), shape (B,), over the columns j = 1 … N of y that are not ``hidden``."""
    off = functional.softplus(y[:, 1:]).masked_fill(hidden[:, 1:], 0)
    return functional.softplus(-y[:, 0]) + off.sum(dim=1) / (~hidden[:, 1:]).sum(dim=1).clamp(min=1)
