"""Negatives whose groups are drawn with given probabilities, mixed with those that score high."""

from __future__ import annotations

from harness.base.changing import Changing
from harness.base.late import sparse, torch
from harness.domain.interactions import Training
from harness.models.alpharec import Factors

ENTRIES = 2**24
"""Entries of the table of probabilities that is drawn from at once: 64 MiB in single precision."""


class GroupNegatives(Changing):
    """Items that a user did not take, with replacement, by probabilities

        P(i|u) = β softmax_i(s_ui / T) + (1 − β) Σ_k p_k C_ik / Σ_j C_jk

    over the items i, j that u did not take; p_k of groups that u took all of goes to the others in proportion. With
    p_k = Σ_i C_ik / n_items and β = 0 they are nearly uniform: exactly so for a user who took nothing. Whoever took
    everything is treated as if they had taken nothing.

    Args:
        training: what counts as taken
        C: the items' membership, shape (n_items, K), rows sum to 1
        per_row: N
        mix: β
        temperature: T
        generator: of the draws
    """

    changes = ("_generator",)

    def __init__(
        self,
        training: Training,
        C: torch.Tensor,
        per_row: int,
        mix: float,
        temperature: float,
        generator: torch.Generator,
    ) -> None:
        self.C, self.per_row, self.mix, self.temperature = C, per_row, mix, temperature
        self._generator = generator
        self._taken: sparse.csr_array = training.matrix()

    def draw(self, users: torch.Tensor, p: torch.Tensor, factors: Factors) -> torch.Tensor:
        """Items, shape (B, N), for users (B,).

        Args:
            p: probabilities of the groups, shape (K,)
            factors: whose products are the scores s; constants
        """
        drawn = []
        for rows in users.split(max(1, ENTRIES // len(self.C))):
            different, place = torch.unique(rows, return_inverse=True)
            table = self.probabilities(different, p, factors).index_select(0, place)
            drawn.append(torch.multinomial(table, self.per_row, replacement=True, generator=self._generator))
        return torch.cat(drawn)

    def probabilities(self, users: torch.Tensor, p: torch.Tensor, factors: Factors) -> torch.Tensor:
        """P, shape (b, n_items), for users (b,)."""
        taken = torch.from_numpy(self._taken[users.cpu().numpy()].toarray()).to(self.C)
        free = torch.where(taken.sum(dim=1, keepdim=True) < len(self.C), 1 - taken, 1.0)
        by_group = self._by_group(free, p.to(self.C))
        if self.mix == 0:
            return by_group
        scores = factors.users.index_select(0, users) @ factors.items.T
        hard = torch.softmax((scores / self.temperature).masked_fill_(free == 0, -torch.inf), dim=1)
        return self.mix * hard + (1 - self.mix) * by_group

    def _by_group(self, free: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
        """Σ_k p_k C_ik / Σ_j C_jk among the free items, rows sum to 1; uniform where no group with p_k > 0 is left."""
        left = free @ self.C
        each = torch.where(left > 0, p / left.clamp(min=1e-12), 0.0)
        found = free * (each @ self.C.T)
        total = found.sum(dim=1, keepdim=True)
        return torch.where(total > 0, found, free) / torch.where(total > 0, total, free.sum(dim=1, keepdim=True))
