"""From noisy batches to group weights: smoothing, absent groups, mixing, and how often to look."""

from __future__ import annotations

from dataclasses import dataclass

from harness.balance.gram_scale import GramScale, cosines
from harness.balance.present import PresentGroups
from harness.base.changing import Changing
from harness.base.late import torch
from harness.models.group_losses import GroupLosses
from harness.plugins import Balancer, GroupSignals


@dataclass(frozen=True)
class WeightingOptions:
    """How signals are smoothed and weights mixed.

    Attributes:
        ema: decay of the averages of losses and Gram matrix
        min_rows: rows that a group needs in a batch
        gamma: γ of the mixing
        every: steps between refreshes
        lookahead_rate: ξ, for balancers that look at the losses after the step
        remember: whether groups keep a weight while they are absent
        gram_scale: whether the Gram matrix has a ``common`` scale or each group its ``own``
    """

    ema: float = 0.9
    min_rows: int = 32
    gamma: float = 1.0
    every: int = 1
    lookahead_rate: float = 0.0
    remember: bool = False
    gram_scale: GramScale = "common"


class GroupWeighting(Changing):
    """The weights w of one level of the training.

    A group with fewer than ``min_rows`` rows in the batch gets no weight from the balancer in that step, and its
    smoothed values stay as they were. Where no group has enough rows (a very small batch) weights are proportional.

    ``min_rows`` is 32 although small groups are then left out: on validation data 1 and 8 lower the CV of kept epochs
    by no more than chance may, and cost NDCG where they lower it more (``benchmarks/results/min_rows.md``).

    With ``remember`` the balancer weighs every group that has been seen, an absent one by the values that it had last.
    A present group k then gets w_k/p_k, with p_k the share of batches so far in which it was present, and an absent one
    0, for it has nothing to weigh: over batches that is w_k, and Σ_k w_k L_k what is minimised, however rare a group is
    (Horvitz & Thompson 1952). Where all are present p_k = 1 and nothing is remembered; ``ema`` 0 has no memory.

    Args:
        balancer: the rule
        data_shares: each group's share of the training interactions, shape (K,)
        options: smoothing and mixing
    """

    changes = ("balancer", "_losses", "_gram", "_steps", "_weights", "_presence")

    def __init__(self, balancer: Balancer, data_shares: torch.Tensor, options: WeightingOptions) -> None:
        self.balancer = balancer
        self.options = options
        self._data_shares = data_shares.double()
        self._losses = Smoothed(options.ema)
        self._gram = Smoothed(options.ema)
        self._steps = 0
        self._weights: torch.Tensor | None = None
        self._presence = Presence()

    @property
    def due(self) -> bool:
        """Whether the next step refreshes the weights."""
        return self._weights is None or self._steps % self.options.every == 0

    def columns(self, shares: torch.Tensor) -> PresentGroups:
        """The groups whose gradients a refresh looks at, for C of a batch's rows, shape (B, K)."""
        return PresentGroups.of(shares, self._present((shares > 0).sum(dim=0)), others_weigh=self.options.gamma < 1)

    def refresh(self, batch: GroupLosses, gram: torch.Tensor | None) -> torch.Tensor:
        """New weights, shape (K,), float64.

        Args:
            batch: the batch's group losses
            gram: of the groups' gradients, shape (K, K), or None where the balancer needs none; what it holds for
                groups with too few rows is not looked at
        """
        self._steps += 1
        shares = batch.mass.double() / batch.mass.double().sum()
        present = self._present(batch.rows)
        losses = self._losses.update(batch.losses.double(), present)
        if gram is None:
            gram = torch.zeros(len(losses), len(losses), dtype=torch.float64, device=losses.device)
        else:
            gram = self._gram.update(gram.double(), present)
        weighed = self._losses.known if self.options.remember else present
        scale = _median_diagonal(gram, weighed)
        ahead = self.options.lookahead_rate
        scaled = gram / scale if self.options.gram_scale == "common" else cosines(gram)
        signals = GroupSignals(losses, scaled, scale, shares, self._data_shares, weighed, ahead)
        balanced = self.balancer.weights(signals)
        if self.options.remember:
            balanced = self._presence.corrected(balanced, present)
        mixed = (1 - self.options.gamma) * shares + self.options.gamma * balanced
        self._weights = torch.where(present.any(), mixed, shares)
        return self._weights

    def _present(self, rows: torch.Tensor) -> torch.Tensor:
        return rows >= self.options.min_rows

    def current(self) -> torch.Tensor:
        """The weights of the last refresh."""
        self._steps += 1
        if self._weights is None:
            raise RuntimeError("no weights yet: refresh first")
        return self._weights


class Smoothed(Changing):
    """Exponential moving averages of groups' values that start at the first one and skip groups not observed.

    Numerators and masses decay together, so a group that was not observed keeps its average.
    """

    changes = ("_total", "_mass")

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self._total: torch.Tensor | None = None
        self._mass: torch.Tensor | None = None

    @property
    def known(self) -> torch.Tensor:
        """Groups that have an average, bool, shape (K,)."""
        if self._mass is None:
            raise RuntimeError("no average yet: update first")
        return self._mass > 0

    def update(self, value: torch.Tensor, observed: torch.Tensor) -> torch.Tensor:
        """The averages after this observation; 0 for groups never observed.

        A matrix of pairs of groups is divided by the geometric mean of the two groups' masses, which keeps a Gram
        matrix positive semi-definite (a quotient for each pair would not); a group's own entry is its plain average.

        Args:
            value: shape (K,), or (K, K) for pairs
            observed: bool, shape (K,)
        """
        seen = observed.to(value.dtype)
        pairs = value.ndim == 2
        weight = torch.outer(seen, seen) if pairs else seen
        if self._total is None or self._mass is None:
            self._total, self._mass = torch.zeros_like(value), torch.zeros_like(seen)
        self._total = self.decay * self._total + (1 - self.decay) * weight * value
        self._mass = self.decay * self._mass + (1 - self.decay) * seen
        mass = torch.outer(self._mass, self._mass).sqrt() if pairs else self._mass
        return torch.where(mass > 0, self._total / mass.clamp(min=torch.finfo(mass.dtype).tiny), 0.0)


class Presence(Changing):
    """How often groups are in a batch, and what a weight is worth where they are."""

    changes = ("_present", "_batches")

    def __init__(self) -> None:
        self._present: torch.Tensor | None = None
        self._batches = 0

    def corrected(self, weights: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """w_k/p_k of the groups that are present, 0 of the others; this batch counts in p.

        Args:
            weights: w, shape (K,)
            present: bool, shape (K,)
        """
        now = present.to(weights.dtype)
        self._present = now if self._present is None else self._present + now
        self._batches += 1
        return now * weights * self._batches / self._present.clamp(min=1)


def _median_diagonal(gram: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """The median of the present groups' squared gradient norms; 1 where there is none."""
    diagonal = gram.diagonal().masked_fill(~present, torch.nan)
    median = torch.nanmedian(diagonal)
    return torch.where(torch.isnan(median) | (median <= 0), torch.ones_like(median), median)
