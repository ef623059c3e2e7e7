"""Two-sided welfare of lists (Do et al., NeurIPS 2021), maximised by Frank–Wolfe over lotteries of lists.

    W = (1 − λ) mean_u ψ_{α₁}(r_u) + λ mean_g ψ_{α₂}(e_g)

r_u is the mean relevance of u's list, e_g what group g is shown against an equal share of all places (1). The gradient
of W is largest at the lists sorted by  (1 − λ) ψ'(r_u) relevance(u, i) + λ Σ_g C_ig ψ'(e_g),  so that an iteration is
one sorting of everybody's scores, and only r and e have to be kept: m + K numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from harness.balance.frank_wolfe import TINY
from harness.base.late import torch
from harness.domain.ranking import top

SMOOTH = 0.01
"""η, added to what users and groups get: a group that is shown nowhere does not weigh infinitely."""
ROWS = 512
"""Users sorted at once."""
GOLDEN = 0.6180339887498949
HALVINGS = 40

Sides: TypeAlias = "tuple[torch.Tensor, torch.Tensor]"
"""Something of users, shape (m,), and of groups, shape (K,)."""


@dataclass(frozen=True)
class Lottery:
    """Where Frank–Wolfe has come to.

    Attributes:
        lists: one list of each user, drawn from their lottery, shape (m, k)
        relevance: r of the lotteries, shape (m,)
        exposure: e of the lotteries, shape (K,)
        gap: the duality gap before the last step, at least the welfare that was missing there
    """

    lists: torch.Tensor
    relevance: torch.Tensor
    exposure: torch.Tensor
    gap: float


@dataclass(frozen=True)
class Welfare:
    """W and its slopes; groups without items take no part.

    Attributes:
        lam: λ, at least 0 and below 1
        alpha_users: α₁, at most 1: ψ(x) is (x + η)^α for α > 0, log(x + η) for 0, −(x + η)^α below
        alpha_groups: α₂, likewise
        member: whether a group has items, bool, shape (K,)
    """

    lam: float
    alpha_users: float
    alpha_groups: float
    member: torch.Tensor

    def of(self, relevance: torch.Tensor, exposure: torch.Tensor) -> float:
        """W of r, shape (m,), and e, shape (K,)."""
        users, groups = _psi(relevance, self.alpha_users).mean(), _psi(exposure[self.member], self.alpha_groups).mean()
        return float((1 - self.lam) * users + self.lam * groups)

    def slopes(self, relevance: torch.Tensor, exposure: torch.Tensor) -> Sides:
        """ψ' of users, shape (m,), and of groups, shape (K,)."""
        groups = torch.where(self.member, _slope(exposure, self.alpha_groups), 0.0)
        return _slope(relevance, self.alpha_users), groups

    def along(self, at: Sides, towards: Sides) -> float:
        """The derivative of W at (r, e) in the direction ``towards``."""
        users, groups = self.slopes(*at)
        toward_groups = (groups * towards[1]).sum() / self.member.sum()
        return float((1 - self.lam) * (users * towards[0]).mean() + self.lam * toward_groups)


def maximise(scores: torch.Tensor, C: torch.Tensor, k: int, welfare: Welfare, T: int) -> Lottery:
    """T iterations with exact line search, from the lists by score; fewer where nothing is gained any more.

    A user's list is drawn from their lottery without chance: user j stands at the fractional part of j times the
    golden ratio, which spreads any number of users evenly, and moves to a step's list where the step's length exceeds
    that, so that about as many users have an iteration's lists as it weighs.

    Args:
        scores: shape (m, n_items), float32; -inf is never listed. A user's relevance is their scores between the
            smallest (0) and the largest (1)
        C: membership, shape (n_items, K)
        k: length of the lists
        welfare: what is maximised
        T: iterations
    """
    relevance = _Relevance.of(scores)
    lists = top(scores, k)
    r, e = relevance.mean(scores, lists), _exposure(lists, C, welfare.member)
    position, gap = torch.arange(1, len(scores) + 1, device=C.device).double() * GOLDEN % 1, 0.0
    for _ in range(T):
        found = _best(scores, C, k, relevance, welfare, welfare.slopes(r, e))
        towards = relevance.mean(scores, found) - r, _exposure(found, C, welfare.member) - e
        gap = welfare.along((r, e), towards)
        if gap <= 0:
            break
        step = _longest_climb(welfare, (r, e), towards)
        r, e = r + step * towards[0], e + step * towards[1]
        moves = position < step
        lists = torch.where(moves[:, None], found, lists)
        position = torch.where(moves, position / step, (position - step) / max(1 - step, TINY))
    return Lottery(lists, r, e, max(gap, 0.0))


@dataclass(frozen=True)
class _Relevance:
    """Scores between the smallest and the largest that a user has left."""

    smallest: torch.Tensor
    span: torch.Tensor

    @classmethod
    def of(cls, scores: torch.Tensor) -> _Relevance:
        had = scores == -torch.inf
        smallest = scores.masked_fill(had, torch.inf).min(dim=1).values.double()
        largest = scores.max(dim=1).values.double()
        apart = torch.isfinite(smallest) & (largest > smallest)
        return cls(torch.where(apart, smallest, 0), torch.where(apart, largest - smallest, 1))

    def mean(self, scores: torch.Tensor, lists: torch.Tensor) -> torch.Tensor:
        """The mean relevance of each list, shape (m,); where places stay empty they count 0."""
        listed = lists >= 0
        found = scores.gather(1, lists.clamp(min=0)).double().masked_fill(~listed, 0)
        relevant = (found - self.smallest[:, None]) / self.span[:, None]
        return relevant.masked_fill(~listed, 0).mean(dim=1)


def _best(
    scores: torch.Tensor,
    C: torch.Tensor,
    k: int,
    relevance: _Relevance,
    welfare: Welfare,
    slopes: Sides,
) -> torch.Tensor:
    """The lists at which the gradient is largest, shape (m, k); divided by what is the same for all items of a user."""
    bonus = C @ slopes[1]
    bonus = (welfare.lam / (1 - welfare.lam) * (bonus - bonus.max())).to(scores.dtype)
    weight = (relevance.span / slopes[0]).to(scores.dtype)
    rows = zip(scores.split(ROWS), weight[:, None].split(ROWS), strict=True)
    return torch.cat([top(own + scale * bonus, k) for own, scale in rows])


def _exposure(lists: torch.Tensor, C: torch.Tensor, member: torch.Tensor) -> torch.Tensor:
    """What groups are shown against an equal share of all filled places, shape (K,)."""
    counts = torch.bincount(lists[lists >= 0], minlength=len(C)).to(C.dtype)
    return counts @ C * member.sum() / counts.sum().clamp(min=1)


def _longest_climb(welfare: Welfare, at: Sides, towards: Sides) -> float:
    """The step, at most 1, at which welfare is largest: halving where its slope changes sign."""
    low, high = 0.0, 1.0
    for step in (1.0, *[0.5] * HALVINGS):
        middle = low + step * (high - low)
        climbing = welfare.along((at[0] + middle * towards[0], at[1] + middle * towards[1]), towards) > 0
        low, high = (middle, high) if climbing else (low, middle)
    return low


def _psi(x: torch.Tensor, alpha: float) -> torch.Tensor:
    if alpha == 0:
        return (x + SMOOTH).log()
    return (1 if alpha > 0 else -1) * (x + SMOOTH) ** alpha


def _slope(x: torch.Tensor, alpha: float) -> torch.Tensor:
    return (abs(alpha) or 1) * (x + SMOOTH) ** (alpha - 1)
