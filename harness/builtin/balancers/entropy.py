"""The default: a descent direction that favours the groups whose loss stands above its share."""

from typing import ClassVar

from harness.balance.frank_wolfe import Solution, minimise_quadratic
from harness.balance.loss_entropy import excess
from harness.balance.minimiser import Minimiser
from harness.balance.rule_options import EntropyConfig
from harness.base.frozen import Frozen
from harness.plugins import GroupSignals


class Entropy(Minimiser):
    """min_{w∈Δ} ½ wᵀMw − λ aᵀw, a = log p + H(p): our reading of BiFair's equations 8–12 and Algorithm 2.

    The dual of min_d max_k (g_kᵀd + λ a_k) + ½‖d‖²: a direction in which a group must descend the more, the further its
    loss stands above its share. λ = 0 is the min-norm point (MGDA), λ → ∞ the worst group alone.
    """

    name = "entropy"
    summary = "Frank–Wolfe on ½wᵀMw − λaᵀw: descend for all, the more for groups that lose more than their share"
    Config: ClassVar[type[Frozen]] = EntropyConfig
    config: EntropyConfig

    def solve(self, signals: GroupSignals) -> Solution:
        linear = self.config.lam * excess(signals.losses, signals.present)
        return minimise_quadratic(signals.gram, linear, signals.present, self.config.T)
