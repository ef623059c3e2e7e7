"""FA*IR: every beginning of a list has about as many protected items as a draw would have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from harness.base.errors import unknown
from harness.base.late import torch
from harness.domain.ranking import top
from harness.plugins import ListReranker, RerankConfig
from harness.stats.ranked_group_fairness import corrected_fewest_protected, fewest_protected

BY_SIZE = ("smallest", "largest")


class FairTopKConfig(RerankConfig):
    """Who is protected, and how many of them a list has at least."""

    lam: float = Field(0.5, ge=0, le=1, description="p, least share of protected items in a list; 0 changes no list")
    protected: str = Field(
        "smallest",
        description="the protected group's name, or smallest or largest: by the number of items, equals together",
    )
    alpha: float = Field(0.1, gt=0, lt=1, description="α, significance at which a beginning has too few of them")
    corrected: bool = Field(True, description="α holds for the whole list rather than for each of its beginnings")


class FairTopK(ListReranker):
    """At place i the best item that is left, but the best protected one where the list so far has fewer than m_i.

    m_i is the α_c-quantile of the binomial distribution of i draws with probability p, and α_c corrects α for testing
    every beginning of the list (Zehlike et al. 2017, Algorithms 1 and 2; the correction searches all tables where
    theirs halves an interval). Two groups only: an item is protected if it belongs to the protected group at all.
    """

    name = "fa_ir"
    summary = "every beginning of a list has at least about a share p of protected items"
    reference = "Zehlike et al., FA*IR: A Fair Top-k Ranking Algorithm, CIKM 2017, arXiv 1706.06368"
    Config: ClassVar[type[RerankConfig]] = FairTopKConfig
    config: FairTopKConfig

    def __init__(self, config: RerankConfig, C: torch.Tensor) -> None:
        super().__init__(config, C)
        self.protected = torch.ones(len(C), dtype=torch.bool, device=C.device)

    def named(self, groups: Sequence[str]) -> None:
        wanted, sizes = self.config.protected, (self.C > 0).sum(dim=0)
        if wanted in groups:
            among = torch.tensor([group == wanted for group in groups], device=sizes.device)
        elif wanted in BY_SIZE:
            among = sizes == (sizes[sizes > 0].min() if wanted == "smallest" else sizes.max())
        else:
            raise unknown("group in rerank.protected", wanted, [*groups, *BY_SIZE])
        self.protected = (self.C[:, among] > 0).any(dim=1)

    def lists(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        table = corrected_fewest_protected if self.config.corrected else fewest_protected
        one, other = (
            top(scores.masked_fill(left_out, -torch.inf), k) for left_out in (~self.protected, self.protected)
        )
        rows = torch.arange(len(scores), device=scores.device)
        taken = torch.zeros_like(one[:, 0])  # protected items so far
        made = []
        for place, fewest in enumerate(table(k, self.config.lam, self.config.alpha).tolist()):
            first, second = one[rows, taken], other[rows, place - taken]
            protected = (first >= 0) & ((taken < fewest) | _before(first, second, scores))
            made.append(torch.where(protected, first, second))
            taken += protected
        return torch.stack(made, dim=1)


def _before(first: torch.Tensor, second: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Whether a user's ``first`` item ranks before the ``second``, shape (b,); -1 of ``second`` is no item."""
    a, b = (scores.gather(1, items.clamp(min=0)[:, None])[:, 0] for items in (first, second))
    return (second < 0) | (a > b) | ((a == b) & (first < second))
