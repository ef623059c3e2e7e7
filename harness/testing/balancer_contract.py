"""What holds for every rule that turns group signals into group weights."""

from dataclasses import replace
from typing import ClassVar

import torch

from harness.plugins import Balancer, GroupSignals
from harness.testing.contract import Contract


class BalancerContract(Contract[Balancer]):
    """Weights are on the simplex of the groups that are present, and groups have no names.

    Attributes:
        balancer: its registered name
        config: its options here; those of one that iterates make it exact to 3e-3
    """

    kind: ClassVar[str] = "balancer"
    balancer: str

    def test_weights_are_on_the_simplex_of_present_groups(self) -> None:
        for absent in ((), (1,), (0, 2, 3, 4)):
            rule = self.rule()
            for seed in range(5):  # the same object: some rules remember
                signals = toy_signals(seed=seed, absent=absent)
                w = rule.weights(signals)
                assert w.shape == (5,)
                assert w.dtype == torch.float64
                assert torch.isfinite(w).all()
                assert w.min() >= 0
                assert abs(w.sum().item() - 1) < 1e-12
                assert w[~signals.present].abs().sum() == 0, "a group that is not present has no weight"

    def test_permuting_groups_permutes_weights(self) -> None:
        order = torch.tensor([3, 0, 4, 1, 2])
        w = self.rule().weights(toy_signals())
        moved = self.rule().weights(permuted(toy_signals(), order))
        torch.testing.assert_close(moved, w[order], rtol=0, atol=1e-9)

    def test_a_single_group_has_all_the_weight(self) -> None:
        assert self.rule().weights(toy_signals(K=1)).tolist() == [1.0]

    def test_leaves_the_signals_alone(self) -> None:
        signals, untouched = toy_signals(), toy_signals()
        self.rule().weights(signals)
        for name, value in vars(untouched).items():
            now = torch.as_tensor(getattr(signals, name))
            assert torch.equal(now, torch.as_tensor(value)), f"{name} is not what it was"

    def test_equal_groups_count_the_same(self) -> None:
        even = torch.full((4,), 0.25, dtype=torch.float64)
        one, present = torch.tensor(1.0, dtype=torch.float64), torch.ones(4, dtype=torch.bool)
        signals = GroupSignals(2 + 0 * even, torch.eye(4, dtype=torch.float64), one, even, even, present)
        torch.testing.assert_close(self.rule().weights(signals), even, rtol=0, atol=3e-3)

    def rule(self) -> Balancer:
        """The balancer at its beginning."""
        return self.plugin(self.options())


def toy_signals(K: int = 5, seed: int = 0, absent: tuple[int, ...] = ()) -> GroupSignals:
    """As in training: the Gram matrix is scaled by its median diagonal; absent groups have no gradient."""
    draw = torch.Generator().manual_seed(seed)
    present = torch.ones(K, dtype=torch.bool)
    present[list(absent)] = False
    G = torch.randn(K, 2 * K, generator=draw, dtype=torch.float64) * present[:, None]
    gram = G @ G.T
    scale = gram.diagonal()[present].median()
    losses = (1 + 4 * torch.rand(K, generator=draw, dtype=torch.float64)) * present
    shares = torch.rand(K, generator=draw, dtype=torch.float64) * present
    shares = shares / shares.sum()
    return GroupSignals(losses, gram / scale, scale, shares, shares, present, lookahead_rate=0.05)


def permuted(signals: GroupSignals, order: torch.Tensor) -> GroupSignals:
    """The same signals of groups in another order."""
    return replace(
        signals,
        losses=signals.losses[order],
        gram=signals.gram[order][:, order],
        batch_shares=signals.batch_shares[order],
        data_shares=signals.data_shares[order],
        present=signals.present[order],
    )
