"""Post-processing of a method's scores: lists made user after user, each knowing what earlier ones have shown."""

from __future__ import annotations

from dataclasses import dataclass

from harness.base.errors import BadInput
from harness.base.late import torch
from harness.domain.membership import Membership
from harness.domain.ranking import ranking_device, top
from harness.plugins import ListReranker, RerankConfig, Reranker
from harness.plugins.registry import registry

EVERYBODY = 2**31
"""More users than there are."""
MOST_SCORES = 2**31
"""Scores that may be in memory at once for a re-ranker that has to see all of them (8 GB, and twice that to sort)."""


@dataclass(frozen=True)
class Reranking:
    """A re-ranker that has not begun; validation and test each begin one of their own.

    Attributes:
        config: the re-ranker's name and options
        membership: groups of items
        k: exposure is what the first so many places of a list give
        device: where methods score
    """

    config: RerankConfig
    membership: Membership
    k: int
    device: torch.device | str = "cpu"

    def check(self, n_users: int) -> None:
        """Raise BadInput where the options do not suit the groups or the data are too large; called before training."""
        reranker, n_items = self._new(), self.membership.matrix.shape[0]
        if isinstance(reranker, ListReranker) and reranker.everybody and n_users * n_items > MOST_SCORES:
            raise BadInput(
                f"rerank: {reranker.name} looks at all users' scores at once, and {n_users:,} users × {n_items:,} "
                f"items are more than {MOST_SCORES:,}; choose one that goes from user to user, such as cpfair"
            )

    def begin(self) -> RerankedLists:
        """Before the first user: nothing has been shown."""
        return RerankedLists(self._new(), self.k)

    def _new(self) -> Reranker:
        C = torch.as_tensor(self.membership.shares.toarray(), dtype=torch.float64, device=ranking_device(self.device))
        reranker = registry.get("reranker", self.config.name)(self.config, C)
        reranker.named(self.membership.names)
        return reranker


class RerankedLists:
    """One pass over the users, in the order in which they are ranked.

    Args:
        reranker: at its beginning
        k: exposure is what the first so many places of a list give
    """

    def __init__(self, reranker: Reranker, k: int) -> None:
        self.reranker = reranker
        self.k = k

    def __call__(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        """The lists of the next users, shape (b, k), from their scores (b, n_items); -inf is never listed.

        As ``harness.domain.ranking.top``, with -1 where a user has fewer than k items left.
        """
        return torch.cat([self._made(rows, k) for rows in scores.split(self.block or self.reranker.batch)])

    @property
    def block(self) -> int | None:
        """How many users are scored before a list is made, :data:`EVERYBODY` for all of them; None: as many as suit."""
        return EVERYBODY if isinstance(self.reranker, ListReranker) and self.reranker.everybody else None

    def _made(self, scores: torch.Tensor, k: int) -> torch.Tensor:
        """The lists of one batch of users."""
        if isinstance(self.reranker, ListReranker):
            return _continued(self.reranker.lists(scores, min(self.k, k)), scores, k)
        items = top(scores + self.reranker.bonus().to(scores.dtype), k)
        self.reranker.observe(self._exposures(items[:, : self.k]))
        return items

    def _exposures(self, items: torch.Tensor) -> torch.Tensor:
        """Σ_i C_ik over each list, shape (b, K)."""
        shares = self.reranker.C[items.clamp(min=0)] * (items >= 0)[..., None]
        return shares.sum(dim=1)


def _continued(items: torch.Tensor, scores: torch.Tensor, k: int) -> torch.Tensor:
    """Lists, shape (b, m), with the best of what they lack after them, shape (b, k)."""
    missing = k - items.shape[1]
    if not missing:
        return items
    listed = items >= 0
    rest = scores.clone()
    rest[listed.nonzero()[:, 0], items[listed]] = -torch.inf
    return torch.cat([items, top(rest, missing)], dim=1)
