"""Batches in which no group is too small to be heard: uniform ones that are filled up, and what corrects for that."""

from __future__ import annotations

import math
from typing import ClassVar

from harness.base.changing import Changing
from harness.base.errors import BadInput
from harness.base.late import torch
from harness.domain.interactions import Interactions
from harness.domain.membership import Membership


class Floors(Changing):
    """Further rows for a batch, so that about ``floor`` rows of every group are in it, and the rows' importance.

    A uniform batch of B of the N rows is expected to hold B·N_k/N of the N_k rows with a share in group k. To it come
    f_k = max(0, ⌈floor − B·N_k/N⌉) more of them (at most N_k), drawn uniformly and with replacement. Row i is then
    expected to be there

        E_i = B/N + Σ_{k∋i} f_k/N_k

    times and counts with importance ρ_i = (B/N)/E_i, in (0, 1]: for any values x of the rows
    E[Σ_b ρ_b x_b] = (B/N) Σ_i x_i (Hansen & Hurwitz 1943). With ρ_b C_bk in the place of C_bk a batch's masses, shares
    and summed losses of groups estimate what they did before, and L_k = Σ ρCℓ / Σ ρC is their ratio, of more rows: in a
    small group that overlaps no other its variance falls from σ_k²·N/(B·N_k) to σ_k²/floor. Groups that have their
    floor already get nothing; where all have, every ρ is 1.

    Args:
        floor: rows that a group is given
        interactions: the rows that batches are drawn from
        membership: the groups
        batch_size: B at most
        generator: of the further rows; where it lies is where rows lie

    Raises:
        BadInput: where the floors of all groups are more than a batch.
    """

    changes: ClassVar[tuple[str, ...]] = ("_generator",)

    def __init__(
        self,
        floor: int,
        interactions: Interactions,
        membership: Membership,
        batch_size: int,
        generator: torch.Generator,
    ) -> None:
        marks = membership.marks(interactions.users, interactions.items)
        sizes = marks.sum(axis=0)
        if floor * len(sizes) > batch_size:
            raise BadInput(
                f"config.floor={floor}: so many rows of each of {len(sizes)} groups are more than a batch of "
                f"{batch_size} rows; lower it, or raise config.batch_size"
            )
        self._floor, self._n_rows, self._generator = floor, len(interactions), generator
        seen = sizes.nonzero()[0]
        self._members = [torch.as_tensor(marks[:, [k]].nonzero()[0], device=generator.device) for k in seen]
        self._marks = torch.as_tensor(marks[:, seen].toarray(), dtype=torch.float64, device=generator.device)

    def fill(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """These rows with the further ones behind them, shape (B + Σf,), and their importance ρ, the same shape."""
        share = len(rows) / self._n_rows
        further = [self._further(share * len(own), len(own)) for own in self._members]
        drawn = [self._drawn(own, count) for own, count in zip(self._members, further, strict=True)]
        rates = [count / len(own) for own, count in zip(self._members, further, strict=True)]
        every = torch.cat([rows, *drawn])
        expected = share + self._marks[every] @ torch.tensor(rates, dtype=torch.float64, device=every.device)
        return every, share / expected

    def _further(self, expected: float, size: int) -> int:
        """f_k of a group of ``size`` rows, so many of which are expected in the batch."""
        return min(size, max(0, math.ceil(self._floor - expected)))

    def _drawn(self, own: torch.Tensor, count: int) -> torch.Tensor:
        return own[torch.randint(len(own), (count,), generator=self._generator, device=own.device)]
